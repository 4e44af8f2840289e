/** What a list of jobs can be filtered by, as `GET /jobs` and the filters of bulk runs call it, and as the pages do. */
export const CONDITIONS = {
  status: "Statuses",
  task: "Task",
  lane: "Lane",
  tenant: "Tenant",
  endpoint: "Endpoint",
  tag: "Tag",
  key: "Key",
  group: "Group",
  class: "Failed by",
  attempts_from: "Attempts, at least",
  waiting: "Waiting",
  duration_from: "Took, at least",
  fingerprint: "Fingerprint",
  event: "Event",
  bulk: "Bulk run",
  trigger: "Caused by",
  ids: "Job ids",
  created_from: "Accepted from",
  created_before: "Accepted before",
  finished_from: "Ended from",
  finished_before: "Ended before",
  due_from: "Due from",
  due_before: "Due before",
} as const;

export type Condition = keyof typeof CONDITIONS;

/** In the order of the form. */
export const conditions = Object.keys(CONDITIONS) as readonly Condition[]; // the type of `keys` is string[]
