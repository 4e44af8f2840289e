import { z } from "zod";
import { MOST_WORST } from "../../webhooks/endpoints/worst-endpoints.ts";
import { endpointAnswer, status } from "./endpoint.ts";
import { complete, cursors, listed, rows } from "./lists.ts";
import { limitOf } from "./queries.ts";
import { quantiles } from "./stats.ts";
import { moment } from "./times.ts";

const backlog = z.object({
  running: z.int().meta({ description: "Deliveries that are being sent now." }),
  due: z.int().meta({ description: "Deliveries that could be sent now. 1001 means more than 1000." }),
  held: z.int().meta({
    description:
      "Deliveries that are held up, because its breaker is open, it is paused or disabled, or it takes its events in order. 1001 means more than 1000.",
  }),
  scheduled: z.int().meta({
    description: "Deliveries that are due later, such as retries. 1001 means more than 1000.",
  }),
  oldest_due_at: moment(
    "When the oldest delivery that is due or held up became due; null if there is none.",
  ).nullable(),
});

const totals = z.object({
  succeeded: z.int().meta({ description: "Deliveries that succeeded." }),
  failed: z.int().meta({ description: "Deliveries that failed permanently." }),
  retried: z.int().meta({ description: "Attempts that failed and will be followed by another." }),
  attempt_ms: quantiles("How long attempts took."),
});

const listedEndpoint = endpointAnswer.extend({
  stats: totals
    .nullable()
    .meta({
      description:
        "How deliveries went in the current hour and the 23 before it; only with `stats=24h`. null for a portal session that does not see all event types of the endpoint.",
    })
    .optional(),
  backlog: backlog
    .nullable()
    .meta({
      description:
        "How much waits to be sent to it; only with `backlog=true`. null for a portal session that does not see all event types of the endpoint.",
    })
    .optional(),
});
export type ListedEndpoint = z.infer<typeof listedEndpoint>;

export const endpointPage = z
  .object({
    data: rows(listedEndpoint),
    ...cursors,
    complete,
  })
  .meta({ description: "Newest first, unless order says otherwise." });

const backlogAsked = z
  .enum(["true", "false"])
  .meta({ description: "Whether to include how much waits to be sent. Default: false." })
  .optional();

export const endpointsQuery = z.strictObject({
  ...listed,
  status: status.meta({ description: "Only endpoints with this status." }).optional(),
  event_type: z
    .string()
    .meta({ description: "Only endpoints that get events of this type.", examples: ["invoice.paid"] })
    .optional(),
  text: z
    .string()
    .meta({ description: "Only endpoints whose URL, description, uid or id contains this string." })
    .optional(),
  stats: z
    .enum(["24h"])
    .meta({
      description:
        "24h: include how each endpoint's deliveries went in the current hour and the 23 before it.",
    })
    .optional(),
  backlog: backlogAsked,
});

export const endpointDetail = endpointAnswer
  .extend({
    backlog: backlog
      .nullable()
      .meta({
        description:
          "How much waits to be sent to it; only with `backlog=true`. null for a portal session that does not see all event types of the endpoint.",
      })
      .optional(),
    secrets: z
      .array(
        z.object({
          created_at: moment("When it was created or set."),
          expires_at: moment(
            "When it stops signing, because another has replaced it; null for the current one.",
          ).nullable(),
        }),
      )
      .meta({
        description: "How old the secrets are that still sign, newest first; only with `secrets=true`.",
      })
      .optional(),
  })
  .meta({ description: "An endpoint, with its backlog and the age of its secrets if they were asked for." });
export type EndpointDetail = z.infer<typeof endpointDetail>;

export const endpointQuery = z.strictObject({
  backlog: backlogAsked,
  secrets: z
    .enum(["true", "false"])
    .meta({ description: "Whether to include how old its secrets are. Default: false." })
    .optional(),
});

/** Whose it is, and where its events go. */
const named = {
  endpoint_id: z.string().meta({ description: "The endpoint's id." }),
  tenant: z.string().meta({ description: "The id of its tenant." }),
  url: z.string().meta({ description: "Where its events go." }),
};

const waitingEndpoint = z
  .object({
    ...named,
    backlog: backlog.meta({ description: "How much waits to be sent to it." }),
  })
  .meta({ description: "An endpoint with due deliveries." });
export type WaitingEndpointAnswer = z.infer<typeof waitingEndpoint>;

export const waitingPage = z
  .object({ data: rows(waitingEndpoint) })
  .meta({ description: "Longest wait first." });

const failingEndpoint = z
  .object({
    ...named,
    stats: totals.meta({ description: "How deliveries went in the current hour and the 23 before it." }),
  })
  .meta({ description: "An endpoint with failed attempts." });
export type FailingEndpointAnswer = z.infer<typeof failingEndpoint>;

export const failingPage = z
  .object({ data: rows(failingEndpoint) })
  .meta({ description: "Most failures first." });

export const worstQuery = z.strictObject({ limit: limitOf(MOST_WORST, 5) });
