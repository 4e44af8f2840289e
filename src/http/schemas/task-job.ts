import { z } from "zod";
import { acceptedAnswer, jobAnswer, jobStatus, searched } from "./job.ts";
import { moment } from "./times.ts";

export const progressAnswer = z
  .object({
    fraction: z.number().meta({ description: "From 0 to 1." }),
    note: z.string().nullable().meta({ description: "For people to read." }),
  })
  .meta({ description: "How far a running job has come, as its handler reports." });

/** A job of any task; for a delivery it has everything that the webhook routes show, and more. */
export const taskJobAnswer = jobAnswer.extend({
  task: z.string().meta({ description: "The task that it runs.", examples: ["send-receipt"] }),
  lane: z
    .string()
    .meta({ description: "Jobs in one lane share its limits; workers take turns between lanes." }),
  key: z
    .string()
    .nullable()
    .meta({ description: "Its deduplication key: only one queued or running job of the task may have it." }),
  group_id: z.string().nullable().meta({ description: "The group that it belongs to." }),
  bulk_id: z.string().nullable().meta({ description: "The bulk run that made it, or queued it again." }),
  trigger: z.string().nullable().meta({
    description:
      "What caused it, if not an enqueue or its event's being sent: `manual` when somebody had the event delivered again.",
  }),
  trace_id: z
    .string()
    .nullable()
    .meta({ description: "The distributed trace that it was enqueued in, where there was one." }),
  scheduled_for: moment(
    "The scheduled time that it was created for; null if no schedule created it.",
  ).nullable(),
  target_url: z.string().nullable().meta({ description: "For a delivery; null for any other task." }),
  progress: progressAnswer.nullable(),
  result: z.unknown().meta({ description: "What the handler returned, once succeeded; null before." }),
});

export const taskJobPage = z
  .object({ data: z.array(taskJobAnswer), ...searched })
  .meta({ description: "Newest first." });

export const taskAcceptedAnswer = acceptedAnswer
  .extend({
    status: jobStatus,
    existing: z
      .literal(true)
      .meta({
        description:
          "A queued or running job of the task has the same key: this is that job, and no new one was created.",
      })
      .optional(),
  })
  .meta({ description: "The job is on disk." });

export type TaskJobAnswer = z.infer<typeof taskJobAnswer>;
