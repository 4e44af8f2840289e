import { isError, messageOf, StoreUnavailableError } from "../core/errors.ts";
import type { Step } from "./events.ts";
import type { Instrument } from "./instrument.ts";
import type { Log } from "./log.ts";
import { sampledLog } from "./sampled-log.ts";

type Level = "info" | "warn" | "error";

/** `accept` and `answer`: the caller has the error. */
const STEPS: Readonly<Record<Exclude<Step, "accept" | "answer">, readonly [level: Level, message: string]>> =
  {
    commit: ["error", "results cannot be recorded, nor jobs claimed; trying again"],
    "count failures": ["warn", "the number of a bulk run's failed jobs could not be written; trying again"],
    "fan out": ["error", "the rest of an event's deliveries could not be made; trying again"],
    "fire schedule": ["error", "a schedule could not be fired; trying again"],
    "follow clock": ["error", "a schedule could not be moved to its next time"],
    "give back": ["error", "waiting jobs could not be given back"],
    isolate: ["error", "a job could not be marked to run alone"],
    "listen for notices": ["warn", "the database's notices were interrupted; connecting again"],
    "look at schedules": ["error", "schedules could not be checked; trying again"],
    prepare: ["error", "what claimed jobs need could not be loaded; they were given back, to be tried again"],
    promote: ["error", "due jobs could not be promoted; trying again"],
    "record progress": ["warn", "progress could not be recorded"],
    "record result": ["error", "result could not be recorded"],
    "record version": ["warn", "the audit could not be told which version works here"],
    retire: [
      "error",
      "this worker could not give back what it holds; other workers queue it again, or the next start does",
    ],
    round: ["error", "regular work failed; the next round tries again"],
    "watch endpoints": ["error", "endpoints could not be checked; trying again"],
    "watch job": ["error", "a watcher of this job threw an error"],
  };

/** Said even while the database is known to be away: nothing tries these again. */
const LAST_WORDS: ReadonlySet<Step> = new Set(["retire", "record result"]);

/** A delivery that takes this long is logged even if it succeeded. */
const SLOW_MS = 5_000;

export interface LogLineOptions {
  /** Whether attempts that succeed have a line, too. Default false. */
  readonly successes?: boolean;
}

/** Writes what an operator should know to the log. */
export function writeLogLines(
  instrument: Instrument,
  given: Log,
  { successes = false }: LogLineOptions = {},
): void {
  const log = sampledLog(given);
  ofJobs(instrument, log);
  ofSuccesses(instrument, log, successes);
  ofWorkers(instrument, log);
  ofSchedules(instrument, log);
  ofEndpoints(instrument, log);
  ofOperators(instrument, log);
  ofTheDatabase(instrument, log);
  instrument["request.failed"].subscribe(({ error, instance, method, route }) =>
    log.error({ err: error, instance, method, route }, "a request failed unexpectedly"),
  );
  instrument["listener.failed"].subscribe(({ event, error }) =>
    log.error({ err: error, event }, "a listener threw an error"),
  );
}

function ofJobs(instrument: Instrument, log: Log): void {
  instrument["attempt.failed"].subscribe((failed) => {
    const { jobId: job, task, lane, attempt, message, retryAt, code, durationMs, traceId } = failed;
    const why = failed.isThrown ? { err: failed.error } : { error: message };
    log.warn(
      {
        ...{ job, task, lane, attempt, class: failed.class, ...(code !== null && { code }), durationMs },
        ...{ ...why, ...(retryAt && { retryAt }), ...traced(traceId) },
      },
      "an attempt failed",
    );
  });
  instrument["job.failed"].subscribe(({ jobId: job, task, attempts, message, traceId }) =>
    log.error({ job, task, attempts, error: message, ...traced(traceId) }, "job failed permanently"),
  );
  instrument["jobs.expired"].subscribe((fields) =>
    log.warn({ ...fields }, "jobs that had been parked for too long were cancelled as expired"),
  );
  instrument["result.dropped"].subscribe(({ jobId: job, attempt }) =>
    log.warn({ job, attempt }, "result dropped: the job was taken from this worker meanwhile"),
  );
  instrument["error.left behind"].subscribe(({ error: err, jobId: job, task }) =>
    log.warn(
      { err, job, task },
      "a handler that had ended left an error behind in its thread; it fails no attempt",
    ),
  );
  instrument["task.missing"].subscribe((fields) =>
    log.warn({ ...fields }, "no handler for this task here; its jobs are left to other workers"),
  );
  instrument["slot.held"].subscribe(({ jobId: job, held, ...fields }) =>
    log.warn(
      { job, ...fields, held },
      "a handler has outlived its attempt by ten seconds and holds its slot; have it stop when its signal is aborted",
    ),
  );
  instrument["loop.blocked"].subscribe(({ blockedMs, leaseMs, jobs, running }) => {
    const lost = blockedMs >= leaseMs ? ", past its lease: its jobs may run again elsewhere" : "";
    log.warn(
      { blockedMs, jobs: jobs.map(({ jobId, task }) => `${task} ${jobId}`), running },
      `a handler blocked the event loop${lost}; give long computations a thread`,
    );
  });
}

function ofSuccesses(instrument: Instrument, log: Log, all: boolean): void {
  instrument["attempt.ended"].subscribe(({ job, outcome, kind, durationMs }) => {
    const isSlow = durationMs >= SLOW_MS && kind === "2xx"; // handlers of tasks may well take their time
    if (outcome !== "succeeded" || !(all || isSlow)) return;
    const { id, task, lane, attempts: attempt } = job;
    const fields = { job: id, task, lane, attempt, class: kind, durationMs };
    if (isSlow) log.warn(fields, "a delivery was slow");
    else log.info(fields, "an attempt succeeded");
  });
}

/** As OpenTelemetry names it in logs. */
function traced(traceId: string | undefined) {
  return traceId !== undefined && { trace_id: traceId };
}

function ofWorkers(instrument: Instrument, log: Log): void {
  instrument["worker.lost"].subscribe(({ workerId: worker, jobIds, loss }) => {
    const what =
      loss === "ended" ? "a worker's process ended" : "a worker was silent for longer than its lease";
    log.warn({ worker, jobs: jobIds.length }, `${what}; its jobs are queued again`);
  });
  instrument["job.isolated"].subscribe(({ jobId: job, task, losses }) =>
    log.warn(
      { job, task, losses },
      "the workers of this job were lost several times in a row; it runs alone here, to find out whether it is to blame",
    ),
  );
  instrument["worker.expelled"].subscribe(({ workerId: worker }) =>
    log.warn({ worker }, "this worker was declared dead while it could not run; its jobs were queued again"),
  );
  instrument["worker.resting"].subscribe(({ workerId: worker }) =>
    log.info(
      { worker },
      "this worker was asked to drain: it claims no more jobs, and finishes those that it runs",
    ),
  );
}

function ofSchedules(instrument: Instrument, log: Log): void {
  instrument["schedule.skipped"].subscribe((fields) => log.warn({ ...fields }, "a missed run was skipped"));
  instrument["schedule.brought back"].subscribe((fields) =>
    log.warn({ ...fields }, "the clock was set back; the schedule follows the new time"),
  );
  instrument["clock.set back"].subscribe((fields) =>
    log.warn({ ...fields }, "the clock was set back; waiting jobs keep their pauses"),
  );
}

function ofEndpoints(instrument: Instrument, log: Log): void {
  instrument["endpoint.opened"].subscribe(({ tenantId: tenant, endpointId: endpoint, ...fields }) =>
    log.warn(
      { tenant, endpoint, ...fields },
      "deliveries to an endpoint kept failing; they wait until one gets through",
    ),
  );
  instrument["endpoint.closed"].subscribe(({ tenantId: tenant, endpointId: endpoint }) =>
    log.info({ tenant, endpoint }, "an endpoint works again; what waited for it is sent"),
  );
  for (const change of ["paused", "resumed", "enabled", "disabled"] as const)
    instrument[`endpoint.${change}`].subscribe(({ tenantId: tenant, endpointId: endpoint, ...fields }) =>
      log.info({ tenant, endpoint, ...fields }, `an endpoint was ${change}`),
    );
}

function ofOperators(instrument: Instrument, log: Log): void {
  instrument["operator.acted"].subscribe(({ id: entry, actor, via, action, target, tenant, note }) =>
    log.info(
      { entry, actor, via, action, target, ...(tenant && { tenant }), ...(note && { note }) },
      "operator action",
    ),
  );
}

function ofTheDatabase(instrument: Instrument, log: Log): void {
  instrument["finding.appeared"].subscribe(({ check, level, detail, todo }) =>
    log[level === "bad" ? "error" : "warn"](
      { check, detail, ...(todo !== null && { todo }) },
      level === "bad" ? "something is wrong" : "something may become a problem",
    ),
  );
  instrument["finding.gone"].subscribe(({ check }) => log.info({ check }, "a finding is resolved"));
  instrument["step.failed"].subscribe(({ step, error, about }) => {
    if (step === "accept" || step === "answer") return;
    // one line tells of an outage, not one for each thing that it stops
    if (error instanceof StoreUnavailableError && !LAST_WORDS.has(step)) return;
    const [level, message] = STEPS[step];
    log[level]({ err: error, ...about }, message);
  });
  instrument["database.lost"].subscribe(({ error }) =>
    log.error(
      { reason: reasonOf(error), err: error },
      "the database is unavailable; nothing is accepted, and results wait until it is back",
    ),
  );
  instrument["database.away"].subscribe(({ error, forMs }) =>
    log.error(
      { reason: reasonOf(error), forSeconds: Math.round(forMs / 1_000) },
      "the database is still unavailable",
    ),
  );
  instrument["database.back"].subscribe(({ forMs }) =>
    log.info({ afterSeconds: Math.round(forMs / 1_000) }, "the database is available again"),
  );
}

/** What the driver said, where that is known: "connect ECONNREFUSED 10.0.0.5:5432". */
function reasonOf(error: unknown): string {
  return messageOf(isError(error) && isError(error.cause) ? error.cause : error);
}
