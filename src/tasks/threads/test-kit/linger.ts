import { threadId } from "node:worker_threads";
import type { TaskContext } from "../../task-definition.ts";
import { neighbour } from "./neighbour.ts";

/** Says that it runs, and ends when it is told to, or after so long. */
export default async function linger(ms: number, { progress }: TaskContext): Promise<number> {
  progress(0);
  neighbour.resolve();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return threadId;
}
