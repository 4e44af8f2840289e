import type { Batch } from "./queue.ts";

/** Whether a power cut may take back all that the batch does, so that it need not be synced for its own sake. */
export function mayBeLost({ enqueues, settlements, submissions = [] }: Batch): boolean {
  if (submissions.length === 0 || enqueues.length + settlements.length > 0) return false;
  return submissions.every((submission) => submission.mayBeLost);
}
