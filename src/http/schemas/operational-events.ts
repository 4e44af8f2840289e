import { z } from "zod";
import type { OperationalData, OperationalType } from "../../webhooks/operational/operational-event.ts";
import { moment } from "./times.ts";

const uid = z.string().nullable();
const reason = z.string().nullable();
const actor = z.string().nullable();

const about = { tenant_id: z.string(), tenant_uid: uid, endpoint_id: z.string(), endpoint_uid: uid };

const troubled = z.object({
  ...about,
  deliveries: z
    .int()
    .meta({ description: "How many it stands for: at most one is told in ten minutes and endpoint." }),
  last: z.object({
    job_id: z.string(),
    event_id: z.string().nullable(),
    event_type: z.string().nullable(),
    attempts: z.int(),
    error: z.string().nullable(),
    next_attempt_at: moment("When it will be tried again.").nullable(),
  }),
});

const DATA = {
  "posthorn.endpoint.disabled": z.object({
    ...{ ...about, reason, actor },
    failing_since: moment("Since when every delivery has failed.").nullable(),
  }),
  "posthorn.endpoint.enabled": z.object({ ...about, reason, actor }),
  "posthorn.endpoint.breaker_opened": z.object({
    ...about,
    failures: z.int().meta({ description: "In a row." }),
    failing_since: moment("The first of them.").nullable(),
    next_probe_at: moment("When one delivery tries whether it works again.").nullable(),
    error: z.string().nullable().meta({ description: "Of the last one." }),
  }),
  "posthorn.endpoint.breaker_closed": z.object({
    ...about,
    opened_at: moment("When it opened.").nullable(),
  }),
  "posthorn.delivery.failing": troubled,
  "posthorn.delivery.exhausted": troubled,
  "posthorn.delivery.recovered": troubled,
  "posthorn.bulk.ended": z.object({
    ...{ tenant_id: z.string().nullable(), tenant_uid: uid, bulk_id: z.string(), action: z.string() },
    state: z.string().meta({ description: "done, stopped, taken_back or paused." }),
    ...{ reason, matched: z.int(), done: z.int(), failed: z.int() },
    skipped: z.record(z.string(), z.int()).meta({ description: "How many by reason." }),
    ...{ actor, note: z.string().nullable() },
    created_at: moment("When it was made."),
    ended_at: moment("When it ended, or paused.").nullable(),
  }),
} as const satisfies { readonly [Type in OperationalType]: z.ZodType<OperationalData[Type]> };

const HAPPENED: Readonly<Record<OperationalType, string>> = {
  "posthorn.endpoint.disabled": "An endpoint was disabled",
  "posthorn.endpoint.enabled": "A disabled endpoint gets events again",
  "posthorn.endpoint.breaker_opened": "Deliveries to an endpoint kept failing, and wait",
  "posthorn.endpoint.breaker_closed": "An endpoint works again, or its breaker was reset",
  "posthorn.delivery.failing": "The fourth attempt of deliveries to an endpoint failed",
  "posthorn.delivery.exhausted": "Deliveries to an endpoint failed permanently",
  "posthorn.delivery.recovered": "Deliveries to an endpoint succeeded after four failures or more",
  "posthorn.bulk.ended": "A bulk run ended, was stopped, or paused by itself",
};

/** What the endpoints of the reserved tenant are sent, by its type. */
export const operationalEvents = Object.entries(DATA).map(([type, data]) => ({
  type,
  summary: HAPPENED[type as OperationalType], // the types of both are the same
  schema: z.object({ type: z.literal(type), timestamp: moment("When it happened."), data }),
}));
