import type { Metric } from "./exposition.ts";

/** Every metric there is. Names, types and labels are an interface: dashboards and alerts are made of them. */
export const METRICS = {
  accepted: counter(
    "posthorn_jobs_accepted",
    "Jobs that this process put on disk, including those of schedules and bulk runs, but not follow-ups.",
  ),
  finished: counter("posthorn_jobs_finished", "Jobs that ended in this process, by task and status."),
  attempts: counter("posthorn_attempts", "Attempts that ended in this process, by outcome and class."),
  retries: counter("posthorn_retries_scheduled", "Failed attempts that will be retried."),
  replays: counter(
    "posthorn_idempotent_replays",
    "Requests that got the answer of an earlier one with their idempotency key.",
  ),
  keyJoins: counter(
    "posthorn_key_joins",
    "Jobs that were not created, because a queued or running job of the task has their key.",
  ),
  bulkJobs: counter(
    "posthorn_bulk_jobs",
    "Jobs that bulk runs acted on or skipped, and those that have failed since, by action and result.",
  ),
  refused: counter("posthorn_refused", "Requests that were refused, by reason."),
  leasesLost: counter("posthorn_leases_lost", "Attempts of other workers that this process found lost."),
  lateSettles: counter(
    "posthorn_late_settles",
    "Results that came too late: the job had been given to another worker, or cancelled.",
  ),
  pruned: counter("posthorn_pruned_rows", "What was deleted past its retention, by table."),
  acceptSeconds: histogram(
    "posthorn_accept_duration_seconds",
    "From the arrival of a job or event to its 202, when it is on disk. Requests that wait for the job's end (`Prefer: wait`) are left out.",
  ),
  waitSeconds: histogram(
    "posthorn_wait_duration_seconds",
    "From when a job was due to when it started: first attempts, and later ones.",
  ),
  attemptSeconds: histogram("posthorn_attempt_duration_seconds", "How long attempts took, by outcome."),
  endToEndSeconds: histogram(
    "posthorn_end_to_end_duration_seconds",
    "From a job's acceptance, or its first due time if that is later, to its success, including waits and retries.",
  ),
  commitSeconds: histogram(
    "posthorn_commit_duration_seconds",
    "How long transactions of the hot path took; one that accepts, claims and settles counts as each of these.",
  ),
  commitJobs: histogram(
    "posthorn_commit_jobs",
    "How many jobs were accepted, claimed or settled in one transaction.",
  ),
  requestSeconds: histogram(
    "posthorn_http_request_duration_seconds",
    "How long requests to the API took, by route, method and status.",
  ),
  running: gauge("posthorn_running_jobs", "Handlers that are running in this process."),
  slots: gauge("posthorn_slots", "How many handlers it can run at once; 0 if it runs no jobs."),
  streams: gauge(
    "posthorn_event_streams",
    "Open streams of server-sent events in this process: of jobs, and of statistics.",
  ),
  draining: gauge("posthorn_draining", "1 while the process is stopping and starts no more jobs."),
  loopDelay: gauge(
    "posthorn_event_loop_delay_seconds",
    "How late the event loop was, over about fifteen seconds or since the last scrape, by quantile.",
  ),
  build: { name: "posthorn_build", type: "info", help: "Posthorn's version." },
  dbJobs: gauge(
    "posthorn_db_jobs",
    "Jobs in the database by state, at most 10 001. Of the whole database: take max, not sum.",
  ),
  dbOldestDue: gauge(
    "posthorn_db_oldest_due_seconds",
    "How long the oldest due job has been waiting, by task. Of the whole database: take max, not sum.",
  ),
  dbCountedAt: gauge("posthorn_db_counted_timestamp_seconds", "When the posthorn_db_… metrics were counted."),
  dbWorkers: gauge(
    "posthorn_db_workers",
    "Registered workers by state: alive; draining, which end what they run and start no more; or dead and not yet cleaned up. Of the whole database: take max, not sum.",
  ),
  dbEndpoints: gauge(
    "posthorn_db_endpoints",
    "Endpoints by state, at most 10 001; `broken` means that the breaker is open. Of the whole database: take max, not sum.",
  ),
  dbScheduleLate: gauge(
    "posthorn_db_schedule_late_seconds",
    "How late each schedule is; 0 while it is on time. Of the whole database: take max, not sum.",
  ),
  dbBytes: gauge(
    "posthorn_db_bytes",
    "The size of the database, by part. Of the whole database: take max, not sum.",
  ),
  dbFreeBytes: gauge("posthorn_db_free_bytes", "Free space of the disk that a SQLite file is on."),
  dbFinding: gauge(
    "posthorn_db_finding",
    "What the doctor finds, by check: 0 ok, 1 warn, 2 bad. Of the whole database: take max, not sum.",
  ),
  endpointAttempts: counter(
    "posthorn_endpoint_attempts",
    "Attempts to deliver to the endpoints that fail most in this process, by outcome. Only with --metrics-endpoints.",
  ),
  endpointOldestDue: gauge(
    "posthorn_endpoint_oldest_due_seconds",
    "How long the oldest due delivery has been waiting, for the endpoints where that is longest. Only with --metrics-endpoints. Of the whole database: take max, not sum.",
  ),
  cpuSeconds: counter("process_cpu_seconds", "Processor time of this process, user and system."),
  residentBytes: gauge("process_resident_memory_bytes", "Memory of this process."),
  startedAt: gauge(
    "process_start_time_seconds",
    "When this process was started, in seconds since the epoch.",
  ),
  openFiles: gauge("process_open_fds", "Open files and sockets, on Linux."),
  gcSeconds: histogram(
    "nodejs_gc_duration_seconds",
    "How long garbage collections took, by kind, since the first scrape.",
  ),
  externalBytes: gauge(
    "nodejs_external_memory_bytes",
    "Memory of buffers and everything else outside the heap.",
  ),
  heapUsed: gauge("nodejs_heap_size_used_bytes", "The used part of JavaScript's heap."),
  heapTotal: gauge("nodejs_heap_size_total_bytes", "The size of JavaScript's heap."),
} as const satisfies Readonly<Record<string, Metric>>;

function counter(name: string, help: string): Metric {
  return { name, type: "counter", help };
}

function gauge(name: string, help: string): Metric {
  return { name, type: "gauge", help };
}

function histogram(name: string, help: string): Metric {
  return { name, type: "histogram", help };
}
