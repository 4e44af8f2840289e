export interface PageLink {
  readonly name: string;
  /** Empty for the first. */
  readonly path: string;
  /** Pressed after `g`. */
  readonly letter: string;
  /** Drawn with strokes, 16 by 16. */
  readonly icon: string;
  /** Whether it begins a group. */
  readonly isFirst?: true;
  /** Shown only where the server has it. */
  readonly operation?: string;
  /** The role that it requires, if that is more than reading. */
  readonly takes?: "manage" | "admin";
}

export const PAGES: readonly PageLink[] = [
  { name: "Now", path: "", letter: "n", icon: "M1.5 8h3l2-5 3 10 2-5h3" },
  {
    ...{ name: "Jobs", path: "jobs", letter: "j", operation: "GET /jobs" },
    icon: "M2.5 4h11M2.5 8h11M2.5 12h7",
  },
  {
    ...{ name: "Failures", path: "failures", letter: "f", operation: "GET /failures" },
    icon: "M8 2 14.5 13.5h-13zM8 6.5v3M8 11.5v.2",
  },
  {
    ...{ name: "Events", path: "events", letter: "v", operation: "GET /webhooks/events" },
    icon: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  },
  {
    ...{ name: "Endpoints", path: "endpoints", letter: "e", operation: "GET /tenants" },
    icon: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM2 8h12M8 2c2 1.7 2.7 3.7 2.7 6S10 12.3 8 14C6 12.3 5.3 10.3 5.3 8S6 3.7 8 2Z",
  },
  {
    ...{ name: "Bulk runs", path: "bulk", letter: "b", operation: "GET /bulk" },
    icon: "M2 5l6-3 6 3-6 3zM2 8l6 3 6-3M2 11l6 3 6-3",
  },
  {
    ...{ name: "Schedules", path: "schedules", letter: "s", operation: "GET /schedules", isFirst: true },
    icon: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.5V8l2.5 1.5",
  },
  {
    ...{ name: "Workers", path: "workers", letter: "w", operation: "GET /workers" },
    icon: "M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.1M4.5 11h.1",
  },
  {
    ...{ name: "Health", path: "health", letter: "h", operation: "GET /doctor", takes: "admin" },
    icon: "M8 13.5C3.5 10 2 8 2 5.8A3 3 0 0 1 8 5a3 3 0 0 1 6 .8C14 8 12.5 10 8 13.5Z",
  },
  {
    ...{ name: "Keys", path: "keys", letter: "y", operation: "GET /keys", takes: "admin", isFirst: true },
    icon: "M5 7.5a3 3 0 1 0 .1 6 3 3 0 0 0-.1-6ZM7.2 8.3 13.5 2M11 4.5l2 2",
  },
  {
    ...{ name: "Audit", path: "audit", letter: "a", operation: "GET /audit", takes: "admin" },
    icon: "M3 2h7l3 3v9H3zM5.5 8h5M5.5 11h5",
  },
  {
    ...{ name: "Settings", path: "settings", letter: ",", isFirst: true },
    icon: "M2 5h7M12 5h2M2 11h2M7 11h7M10.5 3.5v3M5.5 9.5v3",
  },
];

export const TRY_IT = {
  name: "Try it",
  path: "try",
  icon: "M14 2 2 6.5l5 2.5 2.5 5zM7 9l3-3",
} as const;
