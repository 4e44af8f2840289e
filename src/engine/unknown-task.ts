import type { Task } from "./task.ts";

/** Another release may know it, so the job waits for one: retried every minute, on its own budget of attempts. */
export function unknownTask(name: string): Task {
  return {
    name,
    retry: { delaysMs: [60_000], jitter: 0.2 },
    timeoutMs: () => 1_000,
    run: async () => ({
      kind: "failed",
      error: `no handler for the task ${name} is registered here`,
      retry: true,
    }),
  };
}
