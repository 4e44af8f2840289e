import type { Attempt, Job } from "../../core/job.ts";
import { makerOf } from "../../core/origin.ts";
import { printable } from "../../core/printable.ts";
import { errorText, thrownIn } from "../../core/thrown/error-detail.ts";
import { traceIdOf, traceOf } from "../../core/traces/trace-parent.ts";
import type { StoredJobs } from "../../engine/stored-jobs.ts";
import { attemptView, taskJobView } from "../../http/answer/job-view.ts";
import { targetOf } from "../../webhooks/accept/delivery-options.ts";
import { withJobs } from "../database.ts";
import { type GlobalOptions, type Io, type Output, printJson } from "../terminal/io.ts";
import { printFields, printTable, shownTime } from "../terminal/table.ts";

const ATTEMPTS_PAGE = 200;

/** Prints a job and all its attempts, oldest first. */
export async function showJob(id: string, options: GlobalOptions, io: Io): Promise<void> {
  const { job, attempts } = await withJobs(options.database, async (jobs) => ({
    job: await jobs.get(id),
    attempts: await allAttempts(jobs, id),
  }));
  if (options.json) {
    printJson(io.stdout, { ...taskJobView(job), attempt_list: attempts.map(attemptView) });
    return;
  }
  printFields(io.stdout, fields(job));
  if (attempts.length === 0) return;
  io.stdout.write("\n");
  printTable(
    io.stdout,
    ["ATTEMPT", "STARTED", "TOOK", "OUTCOME", "HTTP", "ANSWER OR ERROR"],
    attempts.map(row),
  );
  printLastDetail(io.stdout, attempts);
}

/** Where the last of the errors was thrown that handlers threw. */
function printLastDetail(output: Output, attempts: readonly Attempt[]): void {
  const last = attempts.findLast(({ detail }) => thrownIn(detail) !== null);
  const detail = thrownIn(last?.detail ?? null);
  if (!last || !detail) return;
  output.write(
    `\nAttempt ${last.n} failed with\n\n${printable(errorText(detail)).replaceAll(/^/gm, "  ")}\n`,
  );
}

async function allAttempts(jobs: StoredJobs, id: string): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (;;) {
    const before = attempts.at(-1)?.n;
    const page = { limit: ATTEMPTS_PAGE, ...(before !== undefined && { before }) };
    const found = await jobs.attempts(id, page);
    attempts.push(...found);
    if (found.length < ATTEMPTS_PAGE) return attempts.reverse();
  }
}

function fields(job: Job): [string, string][] {
  const { copyOf, schedule } = makerOf(job.origin);
  const all: [string, string | null][] = [
    ["job", job.id],
    ["task", job.task],
    ["status", job.status],
    ["attempts", `${job.attempts} of at most ${job.maxAttempts}`],
    ["progress", progressOf(job)],
    ["target", targetOf(job)],
    ["lane", targetOf(job) === null ? job.lane : null],
    ["key", job.ties?.key ?? null],
    ["group", job.ties?.groupId ?? null],
    ["tags", job.origin?.tags?.join(", ") ?? null],
    ["created", shownTime(job.createdAt)],
    ["started", shownTime(job.startedAt)],
    ["finished", shownTime(job.finishedAt)],
    ["due", shownTime(job.runAt)],
    ["copy of", copyOf],
    ["schedule", schedule],
    ["scheduled for", shownTime(job.origin?.scheduledFor ?? null)],
    ["trace", traceIdOf(traceOf(job.origin)) ?? null],
    ["result", job.result],
    ["error", job.error],
  ];
  return all.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

function progressOf({ progress }: Job): string | null {
  if (!progress) return null;
  return `${Math.round(progress.fraction * 100)} %${progress.note === null ? "" : `, ${progress.note}`}`;
}

function row(attempt: Attempt): string[] {
  return [
    String(attempt.n),
    shownTime(attempt.startedAt),
    `${attempt.durationMs} ms`,
    attempt.outcome,
    String(attempt.code ?? ""),
    attempt.error ?? attempt.excerpt ?? "",
  ];
}
