import type { TaskContext } from "../../task-definition.ts";

/** Goes on talking after it has ended. */
export default async function late(n: number, { log }: TaskContext): Promise<void> {
  if (n === 1) setImmediate(() => log.info({}, "too late"));
  else for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
