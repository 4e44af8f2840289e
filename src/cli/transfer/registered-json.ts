import { z } from "zod";
import { InvalidInputError } from "../../core/errors.ts";
import type { RecordKind } from "../../store/transfer.ts";
import { compileFilter } from "../../webhooks/events/matching/filter.ts";
import { followUp, jsonOf, scheduledJob, sealed } from "./stored-json.ts";

const text = z.string();
const count = z.int().min(0);
const counts = z.record(text, count);
const object = jsonOf(z.record(text, z.unknown()), "an object");
const texts = jsonOf(z.array(text), "a list of strings");
const metadata = jsonOf(z.record(text, text), "strings by name");
const limits = jsonOf(
  z.object({
    concurrency: z.int().min(1).optional(),
    rate: z.object({ limit: z.int().min(1), perMs: z.int().min(1) }).optional(),
    ordered: z.boolean().optional(),
  }),
  "limits",
);
const retry = jsonOf(
  z.object({ attempts: z.int().min(1).optional(), delaysMs: z.array(z.number().min(0)).min(1).optional() }),
  "retries",
);
const verification = jsonOf(
  z.object({
    method: z.enum(["challenge", "handshake"]),
    origin: text.optional(),
    verifiedUrl: text.nullable(),
    triedAt: z.number().nullable(),
    error: text.nullable(),
  }),
  "a verification",
);
const auth = jsonOf(
  z
    .looseObject({ kind: z.enum(["bearer", "basic", "header", "oauth2", "mtls"]), sealed })
    .refine(({ kind, expiresAt }) => kind !== "mtls" || !Number.isNaN(Date.parse(String(expiresAt)))),
  "what an endpoint asks of a sender",
);
const span = { tenant: text, createdFrom: z.number(), createdBefore: z.number() };
const bulk = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("jobs"), jobs: z.record(text, z.unknown()) }),
  z.object({
    ...{ kind: z.literal("events"), ...span, endpoint: text, lane: text },
    what: z.enum(["failed", "missing", "all"]),
  }),
  z.object({ kind: z.literal("contents"), ...span }),
]);
const course = jsonOf(
  z.object({
    ...{ total: z.number(), isMore: z.boolean(), driver: text },
    ...{ pace: z.number().nullable(), since: z.number(), from: z.number() },
  }),
  "how a run goes",
);
const filter = text.refine(isFilter, "is not a filter of payloads");

/** Columns of JSON that have to be of a certain shape, by what they are columns of. */
export const SHAPES: { readonly [Kind in RecordKind]?: Readonly<Record<string, z.ZodType>> } = {
  group: { on_settled: followUp },
  secret: { sealed },
  tenant: { metadata, limits },
  event_type: { schemas: object, feature_flags: texts },
  endpoint: {
    ...{ event_types: texts, channels: texts, filter, metadata, auth, retry, limits, verification },
    ...{ secrets: sealed, headers: sealed },
  },
  endpoint_history: { change: object },
  event: {
    ...{ channels: texts, tags: texts, headers: jsonOf(sealed, "an encrypted string") },
    unsent: jsonOf(z.object({ counts, named: z.array(z.tuple([text, text])) }), "who does not get it"),
  },
  fanout: { endpoints: texts, tags: texts },
  bulk_run: {
    filter: jsonOf(bulk, "what a run is about"),
    skipped: jsonOf(counts, "numbers by reason"),
    watched: jsonOf(z.record(text, z.array(text)), "lists by lane"),
    course,
  },
  schedule: { job: scheduledJob },
  audit: { change: object },
};

function isFilter(given: string): boolean {
  try {
    compileFilter(given);
    return true;
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}
