import { z } from "zod";
import { moment } from "./times.ts";

const level = z.enum(["ok", "warn", "bad"]).meta({
  description: "`warn` may become a problem, `bad` is one.",
});

const shortFinding = z.object({
  check: z
    .string()
    .meta({ description: "The check's name: stable, for programs to branch on.", examples: ["oldest_due"] }),
  level,
  title: z
    .string()
    .meta({ description: "What was checked, for people to read.", examples: ["Oldest due job"] }),
});

const finding = shortFinding.extend({
  detail: z.string().meta({ description: "What was found." }),
  todo: z.string().nullable().meta({ description: "What to do about it; null if there is nothing to do." }),
});

function period(what: string) {
  return z.string().meta({ description: `How long ${what}.`, examples: ["30d"] });
}

function mostBytes(what: string) {
  return z
    .int()
    .nullable()
    .meta({ description: `How large, in bytes, ${what} are deleted; null if only their age counts.` });
}

export const findingsAnswer = z
  .object({
    checked_at: moment("When the checks last ran, as they do every minute."),
    worst: level.meta({ description: "The worst level of all findings." }),
    findings: z.array(finding).meta({ description: "One finding per check, including those that are ok." }),
    storage: z
      .array(
        z.object({
          part: z.string().meta({
            description:
              "A table on PostgreSQL; on SQLite data, free (space to be used again) or wal (the log).",
            examples: ["data"],
          }),
          bytes: z.int().meta({ description: "How much space it takes, in bytes." }),
          bytes_a_day: z.int().nullable().meta({
            description:
              "By how many bytes per day it has been growing, negative if it shrank; null in the first six hours, and for free and wal.",
          }),
        }),
      )
      .meta({
        description: "What takes up space in the database.",
      }),
    full_at: moment(
      "When the disk of a SQLite file will be full if the file keeps growing like this; null if that is more than a year away or unknown.",
    ).nullable(),
    free_disk_bytes: z.int().nullable().meta({
      description:
        "How much space is left on the disk of a SQLite file, in bytes; null if this process cannot tell.",
    }),
    retention: z
      .object({
        jobs: period("ended jobs are kept, unless a setting below says otherwise"),
        succeeded: period("succeeded jobs are kept"),
        failed: period("failed and cancelled jobs are kept"),
        audit: period("the audit is kept"),
        most_bytes: mostBytes("a SQLite file may get before its oldest ended jobs"),
        succeeded_bytes: mostBytes("succeeded jobs may get together before the oldest of them"),
        failed_bytes: mostBytes("failed and cancelled jobs may get together before the oldest of them"),
      })
      .meta({
        description: "How long and how much is kept, by the settings of the process that answers.",
      }),
  })
  .meta({ description: "What was found in the server and its database, and what it stores." });

export const pruneAnswer = z
  .object({
    pruned: z.record(z.string(), z.int()).meta({
      description:
        "How many rows were deleted, by kind: jobs, events, idempotency_keys, audit and so on. Kinds of which none were deleted are left out.",
    }),
    complete: z.boolean().meta({
      description: "Whether that was everything; otherwise the rest is being deleted in the background.",
    }),
  })
  .meta({ description: "What was deleted past its retention." });

export const readyAnswer = z
  .object({
    status: z.literal("ok").meta({ description: "The server is ready for requests." }),
    findings: z
      .array(shortFinding)
      .meta({
        description: "The checks that are not ok; only for a key that may read all tenants.",
      })
      .optional(),
  })
  .meta({ description: "The server accepts jobs." });

export type FindingsAnswer = z.infer<typeof findingsAnswer>;
export type PruneAnswer = z.infer<typeof pruneAnswer>;
export type ReadyAnswer = z.infer<typeof readyAnswer>;
