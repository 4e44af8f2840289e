import type { TaskContext } from "../../task-definition.ts";

/** Says that it has come further than there is to go. */
export default function badProgress(_: unknown, { progress }: TaskContext): void {
  progress(2);
}
