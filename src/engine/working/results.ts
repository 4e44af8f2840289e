import type { Attempt } from "../../core/job.ts";
import type { Outcome } from "../../core/outcome.ts";
import { traceIdOf, traceOf } from "../../core/traces/trace-parent.ts";
import type { FailureRecorded } from "../../observe/failure-recorded.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { AttemptSpan } from "../../observe/traces/attempt-span.ts";
import type { LeasedJob, Settlement } from "../../store/queue.ts";

/** After this many failures in a row a job is reported, even though it will be retried. */
const MANY_FAILURES = 4;

/** Publishes the outcome of an attempt, and of the job, once it is recorded or found to be too late. */
export function tellOfResult(
  instrument: Instrument,
  settlement: Settlement,
  outcome: Outcome,
  durationMs: number,
  isRecorded: boolean,
  span?: AttemptSpan,
): void {
  tellOfAttempt(instrument, settlement, outcome, durationMs, span);
  const {
    lease,
    transition: { attempt, failures, next },
  } = settlement;
  const { "job.succeeded": succeeded, "job.failed": failed, "job.scheduled": scheduled } = instrument;
  const { id: jobId, task, lane, attempts } = lease;
  if (isRecorded && outcome.kind === "failed")
    tellOfFailure(instrument, { ...{ jobId, task, lane }, tenant: lease.origin?.tenant ?? null }, attempt);
  if (isRecorded && failures >= MANY_FAILURES) tellOfMany(instrument, settlement, outcome);
  if (!isRecorded) instrument["result.dropped"].publish({ jobId, task, lane, attempt: attempts });
  else if (next.status === "queued") scheduled.publish({ jobId, runAt: next.runAt });
  else if (next.status === "cancelled") instrument["job.cancelled"].publish({ jobId, task });
  else if (next.status === "succeeded") {
    if (succeeded.isHeard) succeeded.publish({ jobId, task, lane, attempts, durationMs });
  } else if (next.status === "failed") {
    const { error: message } = next;
    const thrown = outcome.kind === "failed" ? outcome.thrown : undefined;
    failed.publish({
      ...{ jobId, task, lane, attempts, message, bulkId: lease.origin?.bulk ?? null },
      get error() {
        return errorOf(thrown, message);
      },
      get traceId() {
        return traceIdIn(span, lease);
      },
    });
  }
}

function tellOfAttempt(
  instrument: Instrument,
  { lease, transition: { next } }: Settlement,
  outcome: Outcome,
  durationMs: number,
  span: AttemptSpan | undefined,
): void {
  const { "attempt.ended": ended, "attempt.failed": failed } = instrument;
  const kind = outcome.class ?? (outcome.kind === "failed" ? "error" : "ok");
  if (ended.isHeard) {
    ended.publish({ job: lease, outcome: outcome.kind, kind, durationMs });
  }
  if (outcome.kind !== "failed" || !failed.isHeard) return;
  const { id: jobId, task, lane, attempts } = lease;
  failed.publish({
    ...{ jobId, task, lane, attempt: attempts },
    // it gets a stack of its own only if someone listens
    get error() {
      return errorOf(outcome.thrown, outcome.error);
    },
    get traceId() {
      return traceIdIn(span, lease);
    },
    isThrown: outcome.thrown !== undefined,
    message: outcome.error,
    retryAt: next.status === "queued" ? new Date(next.runAt) : undefined,
    ...{ class: kind, code: outcome.code ?? null, durationMs },
  });
}

/** An attempt that failed or was lost is on disk. */
export function tellOfFailure(
  { "failure.recorded": recorded }: Instrument,
  job: Pick<FailureRecorded, "jobId" | "task" | "lane" | "tenant">,
  attempt: Attempt | undefined,
): void {
  if (!attempt || !recorded.isHeard) return;
  const { fingerprint, error, class: kind } = attempt;
  if (fingerprint !== null && error !== null) recorded.publish({ ...job, fingerprint, kind, message: error });
}

/** For a job that has failed at least as often as is reported. */
function tellOfMany(
  instrument: Instrument,
  { lease: { id: jobId, task, lane, attempts }, transition: { failures, next } }: Settlement,
  outcome: Outcome,
): void {
  if (next.status === "succeeded") instrument["job.recovered"].publish({ jobId, task, lane, attempts });
  else if (next.status === "queued" && outcome.kind === "failed" && failures === MANY_FAILURES) {
    const { error: message } = outcome;
    instrument["job.failing"].publish({
      ...{ jobId, task, lane, attempts },
      message,
      retryAt: new Date(next.runAt),
    });
  }
}

function traceIdIn(span: AttemptSpan | undefined, { origin }: LeasedJob): string | undefined {
  return traceIdOf(span?.parent ?? traceOf(origin));
}

/** Listeners want an Error, with a stack where there is one. */
function errorOf(thrown: unknown, message: string): unknown {
  return thrown === undefined ? new Error(message) : thrown;
}
