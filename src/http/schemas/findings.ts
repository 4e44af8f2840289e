import { z } from "zod";
import { moment } from "./times.ts";

const level = z.enum(["ok", "warn", "bad"]).meta({
  description: "`warn` may become a problem, `bad` is one.",
});

const shortFinding = z.object({
  check: z.string().meta({ description: "Stable, for programs to branch on.", examples: ["oldest_due"] }),
  level,
  title: z
    .string()
    .meta({ description: "What was checked, for people to read.", examples: ["Oldest due job"] }),
});

const finding = shortFinding.extend({
  detail: z.string().meta({ description: "What was found." }),
  todo: z.string().nullable().meta({ description: "What to do about it; null if nothing." }),
});

function period(what: string) {
  return z.string().meta({ description: `How long ${what}.`, examples: ["30d"] });
}

function mostBytes(what: string) {
  return z
    .int()
    .nullable()
    .meta({ description: `In bytes: how large ${what} go; null if only their age counts.` });
}

export const findingsAnswer = z
  .object({
    checked_at: moment("When this was checked, which happens every minute."),
    worst: level.meta({ description: "The worst level of all findings." }),
    findings: z.array(finding).meta({ description: "One per check, including those that are ok." }),
    storage: z
      .array(
        z.object({
          part: z.string().meta({
            description:
              "A table on PostgreSQL; on SQLite data, free (space to be used again) or wal (the log).",
            examples: ["data"],
          }),
          bytes: z.int().meta({ description: "How much room it takes, in bytes." }),
          bytes_a_day: z.int().nullable().meta({
            description:
              "By how many bytes it has been growing per day, negative if it shrank; null in the first six hours, and for free and wal.",
          }),
        }),
      )
      .meta({
        description: "What takes room in the database.",
      }),
    full_at: moment(
      "When a SQLite file will have no room left if it keeps growing like this; null if that is more than a year away, or unknown.",
    ).nullable(),
    free_disk_bytes: z.int().nullable().meta({
      description: "In bytes: what is left on the disk of a SQLite file; null if this process cannot tell.",
    }),
    retention: z
      .object({
        jobs: period("ended jobs are kept, if nothing below says otherwise"),
        succeeded: period("succeeded jobs are kept"),
        failed: period("failed and cancelled jobs are kept"),
        audit: period("the audit is kept"),
        most_bytes: mostBytes("a SQLite file may get before its oldest ended jobs"),
        succeeded_bytes: mostBytes("succeeded jobs may get together before the oldest of them"),
        failed_bytes: mostBytes("failed and cancelled jobs may get together before the oldest of them"),
      })
      .meta({
        description: "What is kept, by the settings of the process that answers.",
      }),
  })
  .meta({ description: "What was found in the server and its database, and what it stores." });

export const pruneAnswer = z
  .object({
    pruned: z.record(z.string(), z.int()).meta({
      description:
        "How many of what were deleted: jobs, events, idempotency_keys, audit and so on. Kinds of which nothing was deleted are left out.",
    }),
    complete: z.boolean().meta({
      description: "Whether nothing more is due. Otherwise the rest is being deleted in the background.",
    }),
  })
  .meta({ description: "What was deleted past its retention." });

export const readyAnswer = z
  .object({
    status: z.literal("ok").meta({ description: "The server is ready for requests." }),
    findings: z
      .array(shortFinding)
      .meta({
        description: "What is not ok; only if the request has a key that can read everything.",
      })
      .optional(),
  })
  .meta({ description: "The server accepts jobs." });

export type FindingsAnswer = z.infer<typeof findingsAnswer>;
export type PruneAnswer = z.infer<typeof pruneAnswer>;
export type ReadyAnswer = z.infer<typeof readyAnswer>;
