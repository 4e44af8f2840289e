import { z } from "zod";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { cursor, cursors, limit } from "./lists.ts";
import { givenMoment, moment } from "./times.ts";

const text = z.string();
const state = z.enum(["open", "acknowledged", "resolved"]);
const STATES = "acknowledged: it opens again when there are twice as many; resolved: with the next failure.";

export const failureQuery = z.strictObject({
  task: text.meta({ description: "The name of a task; of deliveries webhook.deliver." }).optional(),
  lane: text.meta({ description: "A lane; of an endpoint, app_…/ep_…." }).optional(),
  state: state.optional(),
  class: z.enum(ATTEMPT_CLASSES).optional(),
  tenant: text.meta({ description: "A tenant's uid or id." }).optional(),
  since: givenMoment.meta({ description: "Failed at or after this time." }).optional(),
  limit,
  cursor,
});

export const failureAnswer = z.object({
  fingerprint: text.meta({ description: "What its jobs are found by, as in the filter of POST /bulk." }),
  task: text,
  lane: text.meta({
    description: "An endpoint's deliveries have one. Empty: of several, where too much differed.",
  }),
  tenant: text.nullable().meta({ description: "The id of the tenant whose jobs they are of." }),
  class: z.enum(ATTEMPT_CLASSES).nullable(),
  sample: text.meta({ description: "The error of the last attempt." }),
  sample_job: text.meta({ description: "The id of its job." }),
  first_at: moment("When the first of them failed."),
  last_at: moment("When the last of them failed."),
  n: z.int().meta({ description: "How many attempts failed so, retried ones included." }),
  state: state.meta({ description: STATES }),
  note: text.nullable().meta({ description: "For people to read." }),
});

export const failureChanges = z.strictObject({
  state: state.meta({ description: STATES }).optional(),
  note: text.max(1_000).nullable().optional(),
});

export const failurePage = z.object({ data: z.array(failureAnswer), ...cursors });

export type FailureAnswer = z.infer<typeof failureAnswer>;
