export interface PageLink {
  readonly name: string;
  /** Empty for the first. */
  readonly path: string;
  /** Pressed after `g`. */
  readonly letter: string;
  /** Shown only where the server has it. */
  readonly operation?: string;
  /** The role that it takes, where that is more than to look. */
  readonly takes?: "manage" | "admin";
}

export const PAGES: readonly PageLink[] = [
  { name: "Now", path: "", letter: "n" },
  { name: "Jobs", path: "jobs", letter: "j", operation: "GET /jobs" },
  { name: "Failures", path: "failures", letter: "f", operation: "GET /failures" },
  { name: "Events", path: "events", letter: "v", operation: "GET /webhooks/events" },
  { name: "Endpoints", path: "endpoints", letter: "e", operation: "GET /tenants" },
  { name: "Bulk runs", path: "bulk", letter: "b", operation: "GET /bulk" },
  { name: "Schedules", path: "schedules", letter: "s", operation: "GET /schedules" },
  { name: "Workers", path: "workers", letter: "w", operation: "GET /workers" },
  { name: "Health", path: "health", letter: "h", operation: "GET /doctor", takes: "admin" },
  { name: "Keys", path: "keys", letter: "y", operation: "GET /keys", takes: "admin" },
  { name: "Audit", path: "audit", letter: "a", operation: "GET /audit", takes: "admin" },
  { name: "Settings", path: "settings", letter: "," },
];
