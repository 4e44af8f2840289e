import type { TaskContext } from "../../task-definition.ts";

/** Never ends, and never looks at its signal. */
export default function spin(_: unknown, { progress }: TaskContext): void {
  progress(0, "spinning");
  for (;;);
}
