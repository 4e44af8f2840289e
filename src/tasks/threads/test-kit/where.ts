import { threadId } from "node:worker_threads";

/** Says which thread it runs in. */
export default function where(): number {
  return threadId;
}
