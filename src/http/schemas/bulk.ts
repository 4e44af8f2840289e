import { z } from "zod";
import { JOB_STATUSES } from "../../core/job.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { cursors, limit, cursor as listCursor } from "./lists.ts";
import { givenDuration, moment } from "./times.ts";

const action = z.enum(["redeliver", "rerun", "run_now", "cancel", "replay", "erase"]);
const status = z.enum(JOB_STATUSES);
const attemptClass = z.enum(ATTEMPT_CLASSES);
const name = (description: string) => z.string().meta({ description }).optional();
const time = (description: string) =>
  z
    .string()
    .meta({
      description: `${description} RFC 3339, or how long ago: 24h.`,
      examples: ["2030-01-31T09:00:00Z"],
    })
    .optional();

const filter = z
  .strictObject({
    status: z
      .union([status, z.array(status).min(1)])
      .meta({
        description:
          "Default: failed, to redeliver; failed and cancelled, to rerun; else what the action applies to.",
      })
      .optional(),
    task: name("The name of their task."),
    endpoint: name("The id or uid of their endpoint, together with tenant."),
    lane: name("Their lane."),
    tenant: name("The id or uid of their tenant."),
    tag: name("A tag of theirs, or of their event."),
    group: name("The id of their group."),
    key: name("Their key."),
    bulk: name("Made or queued again by this bulk run."),
    trigger: name("What caused them: manual, for those that somebody had delivered again."),
    fingerprint: name("Their last attempt failed with this fingerprint."),
    class: z
      .union([attemptClass, z.array(attemptClass).min(1)])
      .meta({ description: "The class of their last attempt; for a replay, one or several." })
      .optional(),
    type: z
      .union([z.string(), z.array(z.string()).min(1).max(100)])
      .meta({ description: "For a replay: the type of the events, or several types." })
      .optional(),
    channel: name("Of a replay: a channel that the events were sent to."),
    attempts_from: z.int().min(0).meta({ description: "At least this many attempts." }).optional(),
    created_from: time("Created at or after."),
    created_before: time("Created before."),
    finished_from: time("Ended at or after."),
    finished_before: time("Ended before."),
    ids: z.array(z.string()).max(1_000).meta({ description: "Ids of jobs." }).optional(),
  })
  .meta({ description: "Every given condition has to hold; at least one is required." });

const pace = z.int().min(1).max(10_000).meta({
  description: "Jobs per second and endpoint. Default: 50, or the endpoint's own rate if that is lower.",
});
const what = z.enum(["failed", "missing", "all"]).meta({
  description:
    "failed (default): deliveries that failed; missing: events that the endpoint wants now and has no delivery of; all: both, and what was delivered once more.",
});
const how = {
  pace: pace.optional(),
  starts_in: givenDuration
    .meta({
      description: "How long it waits before it starts; until then it can be undone entirely. Default: 10s.",
    })
    .optional(),
  note: z.string().max(1_000).meta({ description: "For people to read." }).optional(),
  dry_run: z.boolean().meta({ description: "Only return what the run would do." }).optional(),
};

export const bulkBody = z
  .strictObject({
    action,
    filter,
    what: what.optional(),
    ...how,
  })
  .meta({ description: "What to do, and with which jobs." });

export const replayBody = z
  .strictObject({
    since: z.string().meta({ description: "From this time on: RFC 3339, or how long ago, such as 24h." }),
    until: z.string().meta({ description: "Before this time. Default: now." }).optional(),
    what: what.optional(),
    ...how,
  })
  .meta({ description: "Which of its events to send to the endpoint." });

export const paceBody = z.strictObject({ pace }).meta({ description: "What to change." });

const counts = z.record(z.string(), z.int());
const shown = z
  .record(z.string(), z.unknown())
  .meta({ description: "What it applies to, as fixed when it was created." });

export const bulkAnswer = z
  .object({
    id: z.string().meta({ description: "qtask_…" }),
    action,
    state: z.enum(["waiting", "running", "paused", "stopped", "taking_back", "taken_back", "done"]),
    reason: z.string().nullable().meta({ description: "Why it paused by itself." }),
    filter: shown,
    tenant: z.string().nullable(),
    pace: z.int(),
    matched: z.int().meta({ description: "Jobs found so far, done and skipped." }),
    done: z.int(),
    failed: z
      .int()
      .meta({ description: "How many of the jobs that it queued have failed permanently since." }),
    skipped: counts.meta({ description: "How many jobs were skipped, by reason." }),
    actor: z.string().nullable(),
    note: z.string().nullable(),
    job_id: z.string().meta({ description: "The job that carries it out." }),
    starts_at: moment("When it begins."),
    created_at: moment("When it was made."),
    updated_at: moment("When it last went on."),
    ended_at: moment("When it ended, or paused.").nullable(),
  })
  .meta({ description: "One action on all jobs that match a filter." });

export const bulkPreview = z
  .object({
    dry_run: z.literal(true),
    matched: z.object({ n: z.int(), at_least: z.boolean() }),
    changed: z.int().meta({ description: "How many jobs would be changed or created." }),
    skipped: counts,
    lanes: z.array(z.object({ lane: z.string(), n: z.int(), seconds: z.int() })),
    classes: counts,
    ages: counts,
    samples: z.array(z.string()),
    filter: shown,
  })
  .meta({ description: "What a bulk run would do." });

export const bulkPage = z
  .object({ data: z.array(bulkAnswer), ...cursors })
  .meta({ description: "Newest first." });

export const bulkQuery = z.strictObject({ limit, cursor: listCursor });

export type BulkAnswer = z.infer<typeof bulkAnswer>;
