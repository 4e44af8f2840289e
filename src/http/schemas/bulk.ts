import { z } from "zod";
import { JOB_STATUSES } from "../../core/job.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { LONGEST_NOTE, MOST_TYPES } from "../../engine/bulk/check-request.ts";
import { MOST_PACE } from "../../engine/bulk/lane-paces.ts";
import { MOST_IDS } from "../../engine/job-conditions.ts";
import { WAITING } from "../../store/job-records.ts";
import { limit, cursor as listCursor, rows, searchedCursors } from "./lists.ts";
import { givenDuration, moment } from "./times.ts";

const action = z.enum(["redeliver", "rerun", "run_now", "cancel", "replay", "erase"]).meta({
  description:
    "redeliver: re-queues failed and cancelled deliveries, or, with the status succeeded, delivers their events again; rerun: re-queues failed and cancelled jobs of tasks; run_now: makes jobs due now; cancel: cancels queued and running jobs; replay: sends an endpoint its tenant's events of a period; erase: permanently erases the payloads of a tenant's events.",
});
const state = z.enum(["waiting", "running", "paused", "stopped", "taking_back", "taken_back", "done"]);
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
          "Only jobs with this status, or one of these. Default: failed, to redeliver; failed and cancelled, to rerun; otherwise every status that the action applies to.",
      })
      .optional(),
    task: name("Only jobs of this task. To redeliver: webhook.deliver, or left out."),
    endpoint: name("Only deliveries to this endpoint of the tenant: its uid or id."),
    lane: name("Only jobs in this lane."),
    tenant: name("Only jobs of this tenant: its uid or id."),
    tag: name("Only jobs that have this tag, or whose event has it."),
    group: name("Only jobs in the group with this id."),
    key: name("Only jobs with this key."),
    event: name("Only deliveries of this event: msg_…"),
    bulk: name("Only jobs that this bulk run created, re-queued, made due or cancelled: qtask_…"),
    trigger: name("Only jobs with this trigger: manual, for events that somebody redelivered by hand."),
    fingerprint: name("Only jobs whose last attempt failed with this fingerprint."),
    class: z
      .union([attemptClass, z.array(attemptClass).min(1)])
      .meta({
        description: "Only jobs whose last attempt has this class; for a replay, one class or several.",
      })
      .optional(),
    type: z
      .union([z.string(), z.array(z.string()).min(1).max(MOST_TYPES)])
      .meta({ description: "For a replay: only events of this type, or of one of these." })
      .optional(),
    channel: name("For a replay: only events with this channel."),
    attempts_from: z
      .int()
      .min(0)
      .meta({ description: "Only jobs with at least this many attempts." })
      .optional(),
    waiting: z
      .enum(WAITING)
      .meta({
        description:
          "Only queued jobs that wait for a worker (ready), are due later (scheduled), or are held up (held).",
      })
      .optional(),
    duration_from: givenDuration
      .meta({
        description:
          "Only jobs whose last completed attempt took at least this long, such as 30s, or that have been running for that long.",
      })
      .optional(),
    created_from: time("Only jobs created at or after this time:"),
    created_before: time("Only jobs created before this time:"),
    finished_from: time("Only jobs that ended at or after this time:"),
    finished_before: time("Only jobs that ended before this time:"),
    due_from: time("Only queued jobs that are due at or after this time:"),
    due_before: time("Only queued jobs that are due before this time:"),
    ids: z.array(z.string()).max(MOST_IDS).meta({ description: "Only the jobs with these ids." }).optional(),
  })
  .meta({ description: "Which jobs: those that meet every given condition. At least one is required." });

const pace = z.int().min(1).max(MOST_PACE).meta({
  description: "Jobs per second and endpoint. Default: 50, or the endpoint's own rate if that is lower.",
});
const what = z.enum(["failed", "missing", "all"]).meta({
  description:
    "failed (default): deliveries that failed; missing: events that the endpoint wants now and has no delivery of; all: both, and what was already delivered.",
});
const how = {
  pace: pace.optional(),
  starts_in: givenDuration
    .meta({
      description:
        "How long the run waits before it starts, at most 1d; until then it can be undone entirely. Default: 10s.",
    })
    .optional(),
  note: z.string().max(LONGEST_NOTE).meta({ description: "The reason, for people to read." }).optional(),
  dry_run: z
    .boolean()
    .meta({
      description: "true: do nothing, and answer with a preview of what the run would do. Default: false.",
    })
    .optional(),
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
  .meta({ description: "Which events to send to the endpoint." });

export const paceBody = z
  .strictObject({ pace: pace.meta({ description: "Jobs per second and endpoint." }) })
  .meta({ description: "What to change." });

const counts = (description: string) => z.record(z.string(), z.int()).meta({ description });
const int = (description: string) => z.int().meta({ description });
const shown = filter.meta({
  description:
    "What it applies to, as fixed when it was created: times are in RFC 3339, and tenants and endpoints are ids.",
});

export const bulkAnswer = z
  .object({
    id: z.string().meta({ description: "The run's id: qtask_…" }),
    action,
    state: state.meta({
      description:
        "waiting to start; running; paused by itself (see reason); stopped; taking_back (cancelling what it queued and has not started); taken_back; or done.",
    }),
    reason: z.string().nullable().meta({ description: "Why it paused by itself; null if it has not." }),
    filter: shown,
    what: what.nullable().meta({ description: "What a replay sends; null for the other actions." }),
    tenant: z.string().nullable().meta({
      description: "The id of the only tenant whose jobs it applies to; null for all tenants.",
    }),
    pace: int("Jobs per second and endpoint."),
    matched: int("How many jobs it has found so far: those done and those skipped."),
    done: int("How many jobs it has changed or created so far."),
    failed: int("How many of the jobs it queued have failed permanently since."),
    skipped: counts("How many jobs were skipped, by reason."),
    rate: z.number().nullable().meta({
      description: "How many jobs it finds per second; null unless it is running and that is known.",
    }),
    remaining: z
      .object({
        n: int("How many jobs it has yet to find."),
        at_least: z.boolean().meta({ description: "Whether there are more, which were not counted yet." }),
        seconds: z.int().nullable().meta({
          description:
            "About how long these will take at the present rate, in seconds; null while that is unknown.",
        }),
      })
      .nullable()
      .meta({
        description:
          "How much is left, counted ahead as it goes; null before it has started, and once it finds nothing more.",
      }),
    actor: z.string().nullable().meta({ description: "Who started it; null if unknown." }),
    note: z.string().nullable().meta({ description: "The note that it was started with; null if none." }),
    job_id: z.string().meta({ description: "The id of the job that carries it out." }),
    starts_at: moment("When it starts, or has started."),
    created_at: moment("When it was created."),
    updated_at: moment("When its progress was last saved."),
    ended_at: moment("When it ended or paused; null until then.").nullable(),
  })
  .meta({ description: "One action on all jobs that match a filter." });

export const bulkPreview = z
  .object({
    dry_run: z.literal(true).meta({ description: "Nothing was done." }),
    matched: z
      .object({
        n: int("The number."),
        at_least: z.boolean().meta({ description: "Whether there are more, which were not counted." }),
      })
      .meta({ description: "How many jobs match the filter. The numbers below are of these." }),
    changed: int("How many jobs would be changed or created."),
    skipped: counts("How many jobs would be skipped, by reason."),
    lanes: z
      .array(
        z.object({
          lane: z.string().meta({ description: "The lane's name; each endpoint has one." }),
          n: int("How many jobs would go there."),
          rate: z.number().nullable().meta({
            description: "How many jobs it takes per second at most; null if it has no limit of its own.",
          }),
          seconds: z.int().nullable().meta({
            description:
              "How long these would take at the run's pace, or at the lane's rate if that is lower, in seconds; null for cancel and erase, which have no pace.",
          }),
        }),
      )
      .meta({ description: "The 20 lanes that most of them would go to." }),
    classes: counts("How many there are by the class of their last attempt."),
    failures: z
      .array(
        z.object({
          fingerprint: z.string().meta({ description: "The group's fingerprint, as in GET /failures." }),
          n: int("How many jobs belong to it."),
        }),
      )
      .meta({ description: "The 20 groups of failures that most of them belong to." }),
    ages: counts("How many were created within an hour (1h), a day (24h), a week (7d), or earlier (older)."),
    samples: z.array(z.string()).meta({ description: "The ids of up to five that would be changed." }),
    filter: shown,
  })
  .meta({ description: "What a bulk run would do." });

export const bulkPage = z
  .object({ data: rows(bulkAnswer), ...searchedCursors })
  .meta({ description: "Newest first. With filters, each page examines at most a few thousand." });

export const bulkQuery = z.strictObject({
  state: state.meta({ description: "Only runs in this state." }).optional(),
  action: action.meta({ description: "Only runs with this action." }).optional(),
  tenant: name("Only runs that apply to this tenant alone: its uid or id."),
  actor: name("Only runs started by this key or person: the name, as in a run's actor."),
  limit,
  cursor: listCursor,
});

export type BulkAnswer = z.infer<typeof bulkAnswer>;
