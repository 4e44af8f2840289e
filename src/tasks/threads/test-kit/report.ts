import type { TaskContext } from "../../task-definition.ts";

/** Says all that a handler can say, and returns what it was given. */
export default function report(input: unknown, { attempt, job, log, progress }: TaskContext): unknown {
  progress(0.5, "half");
  const circle: { self?: unknown } = {};
  circle.self = circle;
  log.info({ n: 1, f: () => {}, big: 1n, circle, absent: undefined }, "odd fields");
  log.error({ err: new TypeError("oh", { cause: new Error("deep") }) }, "an error");
  return { input, attempt, job };
}
