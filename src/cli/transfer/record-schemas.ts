import { z } from "zod";
import { isId } from "../../core/id.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { firstRun } from "../../engine/schedules/cron.ts";
import { SCHEDULES } from "../../store/shelves/schedules.ts";
import type { Column } from "../../store/shelves/tables/column.ts";
import type { Described } from "../../store/shelves/tables/table.ts";
import {
  type AttemptRecord,
  type JobRecord,
  RECORD_KINDS,
  type RecordKind,
  type RecordTypes,
  tableOf,
} from "../../store/transfer.ts";
import { DELIVER_TASK } from "../../webhooks/accept/delivery-options.ts";
import { SHAPES } from "./registered-json.ts";
import {
  deliveryOptions,
  errorDetail,
  json,
  maxAttempts,
  options,
  priority,
  tags,
  ties,
  urlDeliveryOptions,
} from "./stored-json.ts";

const count = z.int().min(0);
/** The moments that JavaScript's Date knows. */
const time = z.int().min(-8.64e15).max(8.64e15);
const jobId = z.string().refine((text) => isId("job", text), "is not a job id");

const eventId = z.string().refine((text) => isId("msg", text), "is not an event id");

const attempt = z.strictObject({
  n: count,
  outcome: z.enum(["failed", "lost", "cancelled"]),
  started_at: time,
  duration_ms: count,
  error: z.string().nullable(),
  code: z.int().nullable(),
  class: z.enum(ATTEMPT_CLASSES).nullable(),
  excerpt: z.string().nullable(),
  fingerprint: z.string().nullable(),
  detail: errorDetail.nullable(),
}) satisfies z.ZodType<AttemptRecord>;

const job = z
  .strictObject({
    id: jobId,
    task: z.string().min(1),
    lane: z.string(),
    priority,
    options,
    payload: z.string(),
    max_attempts: maxAttempts,
    created_at: time,
    ties: ties.nullable(),
    tenant: z.string().nullable(),
    event: eventId.nullable(),
    bulk: z.string().nullable(),
    trigger: z.string().nullable(),
    scheduled_for: time.nullable(),
    tags: tags.nullable(),
    meta: json.nullable(),
    status: z.enum(["queued", "succeeded", "failed", "cancelled"]),
    attempts: count,
    started_at: time.nullable(),
    failures: count,
    losses: count,
    run_at: time.nullable(),
    finished_at: time.nullable(),
    expires_at: time.nullable(),
    result: json.nullable(),
    error: z.string().nullable(),
    began_at: time.nullable(),
    duration_ms: count.nullable(),
    code: z.int().nullable(),
    class: z.enum(ATTEMPT_CLASSES).nullable(),
    excerpt: z.string().nullable(),
    history: z.array(attempt),
  })
  .refine(hasItsTimes, "lacks the times that its status requires")
  .refine(({ event, payload }) => event !== null || json.safeParse(payload).success, {
    path: ["payload"],
    error: "is not JSON",
  })
  .refine(isReadable, {
    path: ["options"],
    error: "is not the JSON of a delivery's options",
  }) satisfies z.ZodType<JobRecord>;

const schemas = {
  text: z.string(),
  name: z.string().min(1),
  json,
  time,
  count,
  flag: z.boolean(),
  bytes: z.base64(),
  job_id: jobId,
  event_id: eventId,
};

/** What a line of each kind must be. */
export const RECORD_SCHEMAS = Object.fromEntries(
  RECORD_KINDS.map((kind) => [kind, schemaOf(kind, tableOf(kind))]),
) as unknown as { readonly [K in RecordKind]: z.ZodType<RecordTypes[K]> }; // from the descriptions that the types are made of

function schemaOf(kind: RecordKind, table: Described | undefined): z.ZodType {
  if (!table) return job;
  const shapes = SHAPES[kind] ?? {};
  const columns = Object.entries(table.columns).map(([name, column]) => [name, cellOf(column, shapes[name])]);
  const row = z.strictObject(Object.fromEntries(columns));
  return table === SCHEDULES ? row.refine(isDue, "has a cron expression or time zone that is invalid") : row;
}

function cellOf({ kind, isNullable }: Column<unknown>, shape: z.ZodType | undefined) {
  const schema: z.ZodType = shape ?? (typeof kind === "string" ? schemas[kind] : z.enum(kind));
  return isNullable ? schema.nullable().default(null) : schema; // older exports lack columns that came later
}

function hasItsTimes(job: { status: string; run_at: number | null; finished_at: number | null }): boolean {
  return job.status === "queued" ? job.run_at !== null : job.finished_at !== null;
}

function isReadable(job: { task: string; event: string | null; options: string }): boolean {
  if (job.task !== DELIVER_TASK) return true;
  return (job.event === null ? urlDeliveryOptions : deliveryOptions).safeParse(job.options).success;
}

function isDue({ cron, time_zone: timeZone }: Readonly<Record<string, unknown>>): boolean {
  try {
    firstRun({ cron: String(cron), timeZone: String(timeZone) }, 0);
    return true;
  } catch {
    return false;
  }
}
