import { z } from "zod";
import { SOUGHT_LENGTH } from "../../core/job-content.ts";
import { LONGEST_NOTE } from "../../engine/failures/failures.ts";
import { attemptClass } from "./job.ts";
import { cursor, cursors, limit, rows } from "./lists.ts";
import { givenMoment, moment } from "./times.ts";

const text = z.string();
const state = z.enum(["open", "acknowledged", "resolved"]).meta({
  description:
    "acknowledged: somebody knows about it; it opens again once it has failed twice as often. resolved: it opens again with the next failure.",
});
const failed = attemptClass.meta({ description: "How these attempts ended; as in Attempt." });

export const failureQuery = z.strictObject({
  task: text
    .meta({ description: "Only failures of this task; that of deliveries is webhook.deliver." })
    .optional(),
  lane: text
    .meta({ description: "Only failures in this lane; that of an endpoint is app_…/ep_…" })
    .optional(),
  state: state.meta({ description: "Only groups in this state." }).optional(),
  class: failed.meta({ description: "Only failures of this class." }).optional(),
  tenant: text.meta({ description: "Only failures of this tenant's jobs: its uid or id." }).optional(),
  since: givenMoment.meta({ description: "Only groups that failed at or after this time." }).optional(),
  first_since: givenMoment
    .meta({ description: "Only groups that failed for the first time at or after this time." })
    .optional(),
  text: text
    .min(1)
    .max(SOUGHT_LENGTH.most)
    .meta({
      description:
        "Only groups whose error contains this string, ignoring case. What is hidden from the key is not found; 422 for a key that is shown no payloads.",
    })
    .optional(),
  limit,
  cursor,
});

export const failureAnswer = z
  .object({
    fingerprint: text.meta({
      description:
        "Identifies the group. Its jobs are found by it in GET /jobs and in the filter of POST /bulk.",
    }),
    rest: z.boolean().meta({
      description:
        "Whether this is the group of failures that were too many to tell apart: its jobs are not found by fingerprint, only by task, lane and class.",
    }),
    task: text.meta({ description: "The task whose attempts failed.", examples: ["webhook.deliver"] }),
    lane: text.meta({
      description:
        "The lane of its jobs; each endpoint's deliveries have one of their own. Empty if it stands for several lanes, because there were too many groups.",
    }),
    tenant: text
      .nullable()
      .meta({ description: "The id of the tenant whose jobs failed; null if they have none." }),
    class: failed.nullable(),
    sample: text.meta({ description: "The error of the last of these attempts, at most 2000 characters." }),
    sample_job: text.meta({ description: "The id of that attempt's job." }),
    first_at: moment("When the first of them failed."),
    last_at: moment("When the last of them failed."),
    n: z
      .int()
      .meta({ description: "How many attempts failed like this, including those that were retried." }),
    hourly: z.array(z.int()).length(24).meta({
      description:
        "How many attempts failed in each of the last 24 hours, oldest first; the last one is the current hour.",
    }),
    state,
    note: text.nullable().meta({ description: "A note for people to read; null if there is none." }),
  })
  .meta({ description: "Attempts that failed in the same way." });

export const failureChanges = z
  .strictObject({
    state: state.optional(),
    note: text
      .max(LONGEST_NOTE)
      .nullable()
      .meta({ description: "A note for people to read, at most 1000 characters; null removes it." })
      .optional(),
  })
  .meta({ description: "Fields that are left out stay as they are." });

export const failurePage = z
  .object({ data: rows(failureAnswer), ...cursors })
  .meta({ description: "The group with the latest failure comes first." });

export type FailureAnswer = z.infer<typeof failureAnswer>;
