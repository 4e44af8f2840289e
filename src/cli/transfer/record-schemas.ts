import { z } from "zod";
import { isId } from "../../core/id.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import type { Column } from "../../store/shelves/column.ts";
import type { Described } from "../../store/shelves/table.ts";
import {
  type AttemptRecord,
  type JobRecord,
  RECORD_KINDS,
  type RecordKind,
  type RecordTypes,
  tableOf,
} from "../../store/transfer.ts";

const count = z.int().min(0);
const time = z.int();
const jobId = z.string().refine((text) => isId("job", text), "is not a job id");

const eventId = z.string().refine((text) => isId("msg", text), "is not an event id");

/** JSON in a string: it is kept as it is, but a store has to be able to read it. */
const json = z.string().refine(isJson, "is not JSON");

const tags = json.refine(isListOfStrings, "is not a list of strings");

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
  detail: json.nullable(),
}) satisfies z.ZodType<AttemptRecord>;

const job = z
  .strictObject({
    id: jobId,
    task: z.string().min(1),
    lane: z.string(),
    priority: z.int(),
    options: json,
    payload: z.string(),
    max_attempts: count,
    created_at: time,
    ties: json.nullable(),
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
    result: z.string().nullable(),
    error: z.string().nullable(),
    began_at: time.nullable(),
    duration_ms: count.nullable(),
    code: z.int().nullable(),
    class: z.enum(ATTEMPT_CLASSES).nullable(),
    excerpt: z.string().nullable(),
    history: z.array(attempt),
  })
  .refine(hasItsTimes, "lacks the times that its status requires") satisfies z.ZodType<JobRecord>;

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
  RECORD_KINDS.map((kind) => [kind, schemaOf(tableOf(kind))]),
) as unknown as { readonly [K in RecordKind]: z.ZodType<RecordTypes[K]> }; // from the descriptions that the types are made of

function schemaOf(table: Described | undefined): z.ZodType {
  if (!table) return job;
  const columns = Object.entries(table.columns).map(([name, column]) => [name, cellOf(column)]);
  return z.strictObject(Object.fromEntries(columns));
}

function cellOf({ kind, isNullable }: Column<unknown>) {
  const schema: z.ZodType = typeof kind === "string" ? schemas[kind] : z.enum(kind);
  return isNullable ? schema.nullable().default(null) : schema; // older exports lack columns that came later
}

function hasItsTimes(job: { status: string; run_at: number | null; finished_at: number | null }): boolean {
  return job.status === "queued" ? job.run_at !== null : job.finished_at !== null;
}

function isListOfStrings(text: string): boolean {
  const value: unknown = isJson(text) ? JSON.parse(text) : undefined;
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
