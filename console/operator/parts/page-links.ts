export interface PageLink {
  readonly name: string;
  /** Empty for the first. */
  readonly path: string;
  /** Pressed after `g`. */
  readonly letter: string;
  /** Shown only where the server has it. */
  readonly operation?: string;
}

export const PAGES: readonly PageLink[] = [
  { name: "Now", path: "", letter: "n" },
  { name: "Jobs", path: "jobs", letter: "j", operation: "GET /jobs" },
  { name: "Events", path: "events", letter: "v", operation: "GET /webhooks/events" },
  { name: "Endpoints", path: "endpoints", letter: "e", operation: "GET /tenants" },
  { name: "Schedules", path: "schedules", letter: "s", operation: "GET /schedules" },
  { name: "Workers", path: "workers", letter: "w", operation: "GET /workers" },
  { name: "Settings", path: "settings", letter: "," },
];
