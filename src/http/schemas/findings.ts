import { z } from "zod";
import { moment } from "./times.ts";

const level = z.enum(["ok", "warn", "bad"]).meta({
  description: "`warn` may become a problem, `bad` is one.",
});

const shortFinding = z.object({
  check: z.string().meta({ description: "Stable, for programs to branch on: `oldest_due`." }),
  level,
  title: z.string().meta({ description: "What was checked, for people to read." }),
});

const finding = shortFinding.extend({
  detail: z.string().meta({ description: "What was found." }),
  todo: z.string().nullable().meta({ description: "What to do; null where there is nothing to do." }),
});

const period = z.string().meta({ description: "A duration, such as 30d." });

function mostBytes(what: string) {
  return z
    .int()
    .nullable()
    .meta({ description: `${what}; null where they go by their age alone.` });
}

export const findingsAnswer = z.object({
  checked_at: moment("When all of this was looked at; every minute."),
  worst: level,
  findings: z.array(finding),
  storage: z
    .array(
      z.object({
        part: z.string(),
        bytes: z.int(),
        bytes_a_day: z.int().nullable().meta({
          description:
            "By how much it has grown, or shrunk, a day lately; null in the first six hours, and of what is free and the log.",
        }),
      }),
    )
    .meta({
      description: "On PostgreSQL by table; of a SQLite file, its data, what is free in it, and its log.",
    }),
  full_at: moment(
    "When a SQLite file has no room left if it goes on growing as it does; null where that is more than a year away, or not known.",
  ).nullable(),
  free_disk_bytes: z
    .int()
    .nullable()
    .meta({ description: "Left on the disk of a SQLite file; null where this process cannot see it." }),
  retention: z
    .object({
      jobs: period,
      succeeded: period,
      failed: period,
      audit: period,
      most_bytes: mostBytes("What a SQLite file may hold before the oldest of what has ended goes"),
      succeeded_bytes: mostBytes("What succeeded jobs may hold before the oldest of them go"),
      failed_bytes: mostBytes("What failed and cancelled jobs may hold before the oldest of them go"),
    })
    .meta({
      description: "How long, and how much of it, is kept, by the settings of the process that answers.",
    }),
});

export const readyAnswer = z.object({
  status: z.literal("ok"),
  findings: z
    .array(shortFinding)
    .meta({
      description: "What is not well; only where the request holds a key that may read of all tenants.",
    })
    .optional(),
});

export type FindingsAnswer = z.infer<typeof findingsAnswer>;
export type ReadyAnswer = z.infer<typeof readyAnswer>;
