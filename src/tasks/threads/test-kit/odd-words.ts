import type { TaskContext } from "../../task-definition.ts";

/** Says what a handler should not, and does not notice. */
export default function oddWords(_: unknown, { log, progress }: TaskContext): void {
  progress(2);
  progress(Symbol("half") as unknown as number, "a symbol");
  log.debug("row 1");
  log.info("importing");
  log.warn(new Error("it broke"));
  log.error({ err: Object.create(null), call() {} }, "no prototype");
}
