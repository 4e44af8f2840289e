import { once } from "node:events";
import type { TaskContext } from "../../task-definition.ts";

/** Waits for its signal, and obeys it. */
export default async function obey(_: unknown, { signal, progress }: TaskContext): Promise<void> {
  progress(0, "waiting");
  await once(signal, "abort");
  signal.throwIfAborted();
}
