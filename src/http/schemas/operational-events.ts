import { z } from "zod";
import type { OperationalData, OperationalType } from "../../webhooks/operational/operational-event.ts";
import { moment } from "./times.ts";

const text = (description: string) => z.string().meta({ description });
const int = (description: string) => z.int().meta({ description });

const reason = text("The reason, for people to read; null if nobody said.").nullable();
const actor = text("Who did it; null if nobody said, or if Posthorn did it by itself.").nullable();

const about = {
  tenant_id: text("The id of the endpoint's tenant."),
  tenant_uid: text("Your own id of the tenant; null if it has none, or has been deleted since.").nullable(),
  endpoint_id: text("The endpoint's id."),
  endpoint_uid: text(
    "Your own id of the endpoint; null if it has none, or has been deleted since.",
  ).nullable(),
};

const troubled = z.object({
  ...about,
  deliveries: int(
    "How many deliveries it stands for: at most one such event is sent per endpoint in ten minutes.",
  ),
  last: z
    .object({
      job_id: text("The id of the delivery's job."),
      event_id: text("The id of the event that it delivers; null once its job has been pruned.").nullable(),
      event_type: text("The type of that event; null once its job has been pruned.").nullable(),
      attempts: int("How many attempts it has had."),
      error: text("The error of its last attempt; null if that succeeded.").nullable(),
      next_attempt_at: moment("When it will be tried again; null if it will not.").nullable(),
    })
    .meta({ description: "The last of these deliveries." }),
});

const DATA = {
  "posthorn.endpoint.disabled": z.object({
    ...{ ...about, reason, actor },
    failing_since: moment("Since when every delivery has failed; null if the last one did not.").nullable(),
  }),
  "posthorn.endpoint.enabled": z.object({ ...about, reason, actor }),
  "posthorn.endpoint.breaker_opened": z.object({
    ...about,
    failures: int("How many deliveries have failed in a row."),
    failing_since: moment("When the first of them failed.").nullable(),
    next_probe_at: moment("When one delivery will probe whether the endpoint works again.").nullable(),
    error: text("The error of the last of them.").nullable(),
  }),
  "posthorn.endpoint.breaker_closed": z.object({
    ...about,
    opened_at: moment("When the breaker opened.").nullable(),
  }),
  "posthorn.delivery.failing": troubled,
  "posthorn.delivery.exhausted": troubled,
  "posthorn.delivery.recovered": troubled,
  "posthorn.bulk.ended": z.object({
    tenant_id: text("The id of the only tenant whose jobs it applied to; null for all tenants.").nullable(),
    tenant_uid: text("Your own id of that tenant; null if it has none.").nullable(),
    bulk_id: text("The bulk run's id: qtask_…"),
    action: text("What it did: redeliver, rerun, run_now, cancel, replay or erase."),
    state: text("done, stopped, taken_back or paused."),
    reason: text("Why it paused by itself; null if it did not.").nullable(),
    matched: int("How many jobs were found: those done and those skipped."),
    done: int("How many jobs were changed or created."),
    failed: int("How many of the jobs that it queued had failed permanently by then; more may follow."),
    skipped: z.record(z.string(), z.int()).meta({ description: "How many jobs were skipped, by reason." }),
    actor: text("Who started it; null if unknown.").nullable(),
    note: text("The note that it was started with; null if none.").nullable(),
    created_at: moment("When it was created."),
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
  schema: z.object({
    type: z.literal(type).meta({ description: "What happened." }),
    timestamp: moment("When it happened."),
    data: data.meta({ description: "What it happened to." }),
  }),
}));
