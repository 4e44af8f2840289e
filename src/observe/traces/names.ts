/**
 * Every name that spans carry: those of OpenTelemetry's semantic conventions, of messaging (still in development) and HTTP (stable), by the version that
 * the schema names, and those of our own. They are an interface: people search and alert by them.
 */
export const SCOPE = "posthorn";
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.45.0";

export const ATTRIBUTES = {
  system: "messaging.system",
  operation: "messaging.operation.name",
  operationType: "messaging.operation.type",
  /** The task. */
  destination: "messaging.destination.name",
  /** The job's id. */
  messageId: "messaging.message.id",
  batchCount: "messaging.batch.message_count",
  bodySize: "messaging.message.body.size",
  errorType: "error.type",

  method: "http.request.method",
  status: "http.response.status_code",
  serverAddress: "server.address",
  serverPort: "server.port",
  scheme: "url.scheme",
  /** Without its query. */
  url: "url.full",

  replayed: "posthorn.idempotent_replay",
  attempt: "posthorn.job.attempt",
  maxAttempts: "posthorn.job.max_attempts",
  waitMs: "posthorn.job.wait_ms",
  group: "posthorn.job.group",
  bulk: "posthorn.bulk",
  schedule: "posthorn.schedule",
  /** It has no job, and runs once. */
  bestEffort: "posthorn.best_effort",
  /** Of the event below: what happened to the job, and whether it was recorded, or came too late. */
  jobStatus: "posthorn.job.status",
  recorded: "posthorn.recorded",
} as const;

/** Added to a span once the outcome of its attempt is in the database. */
export const SETTLED = "posthorn.settled";
export const SYSTEM = "posthorn";
