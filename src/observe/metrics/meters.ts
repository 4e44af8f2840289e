import { InvalidInputError } from "../../core/errors.ts";
import { wantedSince } from "../../core/first-due.ts";
import type { Unsubscribe } from "../channel.ts";
import type { JobInHand } from "../events.ts";
import type { Instrument } from "../instrument.ts";
import { A, B, C, Histogram, SIZES } from "./histogram.ts";

/** Names are labels, and each costs a line forever: what comes after the first hundred tasks is counted together. */
const MOST_TASKS = 100;
const OTHERS = "other";

/** What is counted of one task. */
export class TaskMeters {
  accepted = 0;
  succeeded = 0;
  failed = 0;
  cancelled = 0;
  /** Attempts whose workers were lost, as this process found. */
  lost = 0;
  retries = 0;
  /** Requests that got the answer of an earlier one, by its idempotency key. */
  replays = 0;
  /** Requests that got the job that has their key. */
  keyJoins = 0;
  /** By outcome, then by class. */
  readonly attempts = new Map<string, Map<string, number>>();
  /** From when it was due until it began: first attempts, and later ones. */
  readonly waits = { first: new Histogram(C), later: new Histogram(C) };
  /** By outcome. */
  readonly attemptSeconds = new Map<string, Histogram>();
  /** Of all outcomes together, in the buckets that waits have. */
  readonly tookSeconds = new Histogram(C);
  /** From when it was due first, or accepted, to its success. */
  readonly endToEnd = new Histogram(C);

  /** The outcome of the last attempt and its counter, because the next one most often has the same outcome. */
  #outcome = "";
  #classes = new Map<string, number>();
  #seconds = new Histogram(B);

  attempt(outcome: string, kind: string, seconds: number): void {
    if (outcome !== this.#outcome) {
      this.#outcome = outcome;
      this.#classes = entry(this.attempts, outcome, () => new Map<string, number>());
      this.#seconds = entry(this.attemptSeconds, outcome, () => new Histogram(B));
    }
    this.#classes.set(kind, (this.#classes.get(kind) ?? 0) + 1);
    this.#seconds.record(seconds);
    this.tookSeconds.record(seconds);
  }
}

/** Of the transactions that did one of the three. */
class CommitMeters {
  readonly seconds = new Histogram(A);
  readonly jobs = new Histogram(SIZES);

  record(jobs: number, ms: number): void {
    this.jobs.record(jobs);
    this.seconds.record(ms / 1_000);
  }
}

/**
 * What has happened in this process, in numbers: a subscriber of the instrument. Everything is counted from the process's start;
 * read twice, it gives a rate.
 */
export class Meters {
  readonly tasks = new Map<string, TaskMeters>();
  /** By what was wrong. */
  readonly refused = new Map<string, number>();
  readonly pruned = new Map<string, number>();
  /** By route, then method, then the class of the status. */
  readonly requests = new Map<string, Map<string, Map<string, Histogram>>>();
  readonly acceptSeconds = new Histogram(A);
  readonly commits = { accept: new CommitMeters(), claim: new CommitMeters(), settle: new CommitMeters() };
  /** Of bulk runs: by action, then by result. */
  readonly bulkJobs = new Map<string, Map<string, number>>();
  leasesLost = 0;
  lateResults = 0;
  running = 0;
  /** That are open now. */
  streams = 0;
  /** The task of the last event: that of the next one, most often. */
  #task = "";
  #meters = new TaskMeters();
  readonly #now: () => number;
  readonly #subscribed: readonly Unsubscribe[];

  /** @param now milliseconds since the epoch, by the clock that jobs are due by. */
  constructor(instrument: Instrument, now: () => number) {
    this.#now = now;
    this.#subscribed = [
      instrument["job.accepted"].subscribe(({ task }) => {
        this.#of(task).accepted++;
      }),
      instrument["jobs.made"].subscribe(({ task, count }) => {
        this.#of(task).accepted += count;
      }),
      instrument["job.joined"].subscribe(({ task, by }) => {
        if (by === "key") this.#of(task).keyJoins++;
        else this.#of(task).replays++;
      }),
      instrument["bulk.advanced"].subscribe(({ action, done, skipped }) => {
        const results = entry(this.bulkJobs, action, () => new Map<string, number>());
        add(results, "done", done);
        add(results, "skipped", skipped);
      }),
      instrument["bulk.failed"].subscribe(({ action, count }) =>
        add(
          entry(this.bulkJobs, action, () => new Map<string, number>()),
          "failed",
          count,
        ),
      ),
      instrument["stream.opened"].subscribe(() => {
        this.streams++;
      }),
      instrument["stream.closed"].subscribe(() => {
        this.streams--;
      }),
      instrument["job.begun"].subscribe((job) => this.#begun(job)),
      instrument["handler.ended"].subscribe(() => {
        this.running--;
      }),
      instrument["attempt.ended"].subscribe(({ job, outcome, kind, durationMs }) => {
        const meters = this.#of(job.task);
        meters.attempt(outcome, kind, durationMs / 1_000);
        if (outcome === "succeeded") meters.endToEnd.record(this.#sinceMs(wantedSince(job)) / 1_000);
      }),
      instrument["job.succeeded"].subscribe(({ task }) => {
        this.#of(task).succeeded++;
      }),
      instrument["job.failed"].subscribe(({ task }) => {
        this.#of(task).failed++;
      }),
      instrument["attempt.failed"].subscribe(({ task, retryAt }) => {
        if (retryAt) this.#of(task).retries++;
      }),
      instrument["job.cancelled"].subscribe(({ task }) => {
        this.#of(task).cancelled++;
      }),
      instrument["attempt.lost"].subscribe(({ task }) => {
        this.leasesLost++;
        this.#of(task).lost++;
      }),
      instrument["result.dropped"].subscribe(() => {
        this.lateResults++;
      }),
      instrument["commit.done"].subscribe(({ enqueued, settled, claimed, ms }) => {
        const { accept, claim, settle } = this.commits;
        if (enqueued > 0) accept.record(enqueued, ms);
        if (claimed > 0) claim.record(claimed, ms);
        if (settled > 0) settle.record(settled, ms);
      }),
      instrument.pruned.subscribe(({ what, count }) => add(this.pruned, what, count)),
      instrument["request.answered"].subscribe(({ route, method, status, ms, isAcceptance }) => {
        const methods = entry(this.requests, route, () => new Map<string, Map<string, Histogram>>());
        const statuses = entry(methods, method, () => new Map<string, Histogram>());
        entry(statuses, CLASSES[Math.floor(status / 100)] ?? "", () => new Histogram(A)).record(ms / 1_000);
        if (isAcceptance) this.acceptSeconds.record(ms / 1_000);
      }),
      instrument["request.refused"].subscribe(({ status, error }) =>
        add(this.refused, isOfTarget(error) ? "target" : (REASONS[status] ?? "invalid"), 1),
      ),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#subscribed) unsubscribe();
  }

  #begun({ task, dueAt, attempts }: JobInHand): void {
    this.running++;
    const { first, later } = this.#of(task).waits;
    (attempts === 1 ? first : later).record(this.#sinceMs(dueAt) / 1_000);
  }

  #sinceMs(at: number): number {
    return Math.max(0, this.#now() - at); // clocks differ between machines
  }

  #of(task: string): TaskMeters {
    if (task === this.#task) return this.#meters;
    const name = this.tasks.has(task) || this.tasks.size < MOST_TASKS ? task : OTHERS;
    this.#task = task;
    this.#meters = entry(this.tasks, name, () => new TaskMeters());
    return this.#meters;
  }
}

/** Of statuses, by their first digit. */
const CLASSES = ["", "1xx", "2xx", "3xx", "4xx", "5xx"];

const REASONS: Readonly<Record<number, string>> = {
  401: "unauthorized",
  403: "forbidden",
  413: "too_large",
  429: "rate",
  500: "error",
  503: "overload",
};

/** Whether a request was refused because of where it would deliver to. */
function isOfTarget(error: unknown): boolean {
  return (
    error instanceof InvalidInputError &&
    error.problems.some(({ path }) => path[0] === "targetUrl" || path[0] === "url")
  );
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
