import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, isToCome } from "../../core/clock.ts";
import { OverloadedError } from "../../core/errors.ts";
import { firstIdAt } from "../../core/id.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { BulkJobs, ChangedJobs, JobChanges } from "../../store/bulk.ts";
import type { LeasedJob, NewJob } from "../../store/queue.ts";
import type { BulkRun, BulkRunShelf } from "../../store/shelves/bulk-runs.ts";
import type { EventShelf } from "../../store/shelves/events.ts";
import type { Call } from "../../store/shelves/tables/session.ts";
import type { Intake } from "../intake/intake.ts";
import type { RunContext, Task } from "../task.ts";
import { pagesAhead } from "./ahead.ts";
import { type Endings, publishEnd } from "./bulk-ending.ts";
import type { BulkPage, Found, FoundPage, Pinned } from "./bulk-source.ts";
import { type Course, courseOf } from "./course.ts";
import { FirstJobs } from "./first-jobs.ts";
import { LanePaces } from "./lane-paces.ts";
import type { Stays } from "./stays.ts";

/** The task that carries out bulk runs. */
export const BULK_TASK = "posthorn.bulk";

/** Few enough that a batch holds the database for a few milliseconds. */
const BATCH = 100;
/** A run works at most this long at a time, and leaves the time between to other work. */
const WORK_MS = 100;
/** After this long in one attempt a run yields, so that another run, or another process, has its turn. */
const STAY_MS = 2_000;
const GIVES_WAY_MS = 1_000;
const TIMEOUT_MS = 60_000;
/** Enough attempts for a run to survive a database that is away for a night. */
const ATTEMPTS = 10_000;

export interface BulkTaskParts {
  readonly store: {
    readonly bulkRuns: BulkRunShelf;
    readonly bulkJobs: BulkJobs;
    readonly events: Pick<EventShelf, "erasing">;
  };
  readonly next: (pinned: Pinned, page: BulkPage) => Promise<FoundPage>;
  /** The most jobs per second that a lane may be given; undefined if it has no limit of its own. */
  readonly rateOf: (lane: string) => Promise<number | undefined>;
  /** Creates jobs by the same rules as for all new ones. */
  readonly submit: Intake["submit"];
  readonly stays: Pick<Stays, "pause">;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly endings: Endings;
  /** There is work to claim. */
  readonly wake: () => void;
  /** These were cancelled. */
  readonly cancelled: (jobs: readonly { readonly id: string; readonly task: string }[]) => void;
}

/** The name of the count in the result of a run's job, for tasks that return one. */
export type CountedAs = "redelivered" | "retried";

/** A job that continues a run at `runAt`. */
export function bulkJob(run: string, jobId: string, task: string, now: number, runAt: number): NewJob {
  return {
    ...{ id: jobId, task, lane: BULK_TASK, priority: 0, options: "{}", maxAttempts: ATTEMPTS },
    payload: JSON.stringify({ run }),
    createdAt: now,
    runAt,
  };
}

/**
 * The task `posthorn.bulk` carries out a run, a few batches several times a second. In between it waits in a spare slot, or goes back to
 * the queue.
 *
 *     waiting ─▶ running ─▶ done ──────────┐          bulk_runs holds the cursor; each batch compares and moves it in the
 *        │        │  ▲  └─▶ paused, stopped │          transaction that changes or makes the jobs, so that a worker killed
 *        │        ▼  └─────────┘  │         ▼          between two batches leaves nothing half done, and of two that go on
 *        │     taking_back ◀──────┴─────────┘          at once (a worker that was thought dead) only one writes.
 *        ▼        ▼
 *     taken_back (of one that waits at once: nothing has happened)
 */
export class BulkTask implements Task {
  readonly name: string;
  readonly #parts: BulkTaskParts;
  readonly #countedAs: CountedAs | undefined;

  constructor(parts: BulkTaskParts, name: string = BULK_TASK, countedAs?: CountedAs) {
    this.#parts = parts;
    this.name = name;
    this.#countedAs = countedAs;
  }

  retryPolicy(): RetryPolicy {
    return { delaysMs: [1_000, 10_000, 60_000], jitter: 0.2 };
  }

  timeoutMs(): number {
    return TIMEOUT_MS;
  }

  async run(job: LeasedJob, context: RunContext): Promise<Outcome> {
    try {
      return await this.#run(job, context);
    } catch (error) {
      // the process is overloaded, or about to stop
      if (error instanceof OverloadedError) return { kind: "snoozed", forMs: GIVES_WAY_MS };
      throw error;
    }
  }

  async #run(job: LeasedJob, context: RunContext): Promise<Outcome> {
    const { clock, stays } = this.#parts;
    const { run: id } = JSON.parse(job.payload) as { run: string }; // only `bulkJob` writes it
    const begun = clock.now();
    let run = await this.#again(job.id, id);
    let [part, isEven]: [Part, boolean] = [this.#partOf(run), true];
    let ahead: Ahead | undefined;
    while (run && (run.state === "waiting" || run.state === "running" || run.state === "taking_back")) {
      context.signal.throwIfAborted();
      const { startsAt, createdAt } = run;
      if (run.state === "waiting" && isToCome(startsAt, clock.now(), startsAt - createdAt))
        return { kind: "snoozed", forMs: startsAt - clock.now() };
      // a job whose worker was lost may have to run alone, and others would have to wait for it
      const mayStay = job.losses === 0 && clock.now() - begun < STAY_MS;
      const batch: Batched = await this.#batch(run, part, ahead, mayStay && isEven);
      const now = clock.now();
      ahead = batch.ahead;
      const restMs = Math.max(
        1,
        (batch.goesOn === "after a step" ? part.paces.stepAfter(now) : part.paces.nextAt) - now,
      );
      if (batch.goesOn !== "now" && !(mayStay && (await stays.pause(restMs, context)))) {
        if (batch.goesOn === "after a rest") return { kind: "snoozed", forMs: restMs };
        isEven = false;
      }
      run = batch.goesOn === "after a step" ? batch.run : await this.#again(job.id, id);
      // a timer may be a little early
      if (clock.now() >= part.paces.nextAt) part = this.#partOf(run);
      await nextTurn();
    }
    return { kind: "succeeded", result: JSON.stringify(this.#resultOf(run)) };
  }

  /** The run may have changed meanwhile: it was stopped or taken back, or another job continued it, which leaves nothing to do. */
  async #again(driver: string, id: string): Promise<BulkRun | undefined> {
    const run = await this.#parts.store.bulkRuns.get(id);
    return run?.driver === driver ? run : undefined;
  }

  #partOf(run: BulkRun | undefined): Part {
    const begun = this.#parts.clock.now();
    return { begun, paces: new LanePaces(run?.pace ?? null, this.#parts.rateOf, begun) };
  }

  #resultOf(run: BulkRun | undefined): Readonly<Record<string, unknown>> {
    if (this.#countedAs !== undefined) return { [this.#countedAs]: run?.done ?? 0 };
    if (!run) return { superseded: true };
    const { matched, done, skipped } = run;
    return { matched, done, skipped: JSON.parse(skipped) };
  }

  /** @param isEven whether to take no more at once than is due by the current step. */
  async #batch(run: BulkRun, part: Part, ahead: Ahead | undefined, isEven: boolean): Promise<Batched> {
    const { store, next, clock } = this.#parts;
    const { paces } = part;
    const isLate = clock.now() - part.begun > WORK_MS;
    const isBack = run.state === "taking_back";
    const first = new FirstJobs(run.watched);
    // a run that was resumed although its jobs fail has no pause reason any more, and is not watched
    const isWatched = !isBack && run.reason === null && secondOf(clock.now()) !== secondOf(run.updatedAt);
    const failing = isWatched ? await first.failing(store.bulkJobs) : undefined;
    if (failing !== undefined) {
      await this.#write(run, {}, [], {
        state: "paused",
        reason: `the first jobs to ${failing} all fail`,
        watched: null,
        alone: null,
        endedAt: clock.now(),
      });
      return { goesOn: "now" };
    }
    const pinned: Pinned = isBack
      ? { kind: "jobs", jobs: { bulk: run.id, statuses: ["queued"] } }
      : (JSON.parse(run.filter) as Pinned); // only `start` writes it
    // events for a single endpoint are not read far ahead of its pace, and are sent in steps
    const isToOne = !isBack && pinned.kind === "events";
    const limit = isToOne ? Math.min(BATCH, paces.worthReading) : BATCH;
    const page = { run, after: run.cursor, limit, now: clock.now() };
    const { found, last } = ahead?.step === run.step ? ahead : await next(pinned, page);
    const most = isToOne && isEven ? paces.mostOfStep(clock.now()) : undefined;
    const taken = isBack ? found : await paces.take(found, most);
    if (taken.length === 0 && found.length > 0)
      return { goesOn: "after a rest", ahead: { found, last, step: run.step } };
    const isAll = taken.length === found.length;
    const cursor = isAll ? (last ?? taken.at(-1)?.id ?? run.cursor) : (taken.at(-1)?.id ?? run.cursor);
    const isOver = isAll && last === null;
    const over = isBack ? ("taken_back" as const) : ("done" as const);
    const course = isBack ? undefined : await this.#courseOf(run, pinned, { found, last });
    const after = await this.#write(run, this.#changesOf(run, pinned, taken), taken, {
      cursor,
      ...(course && { course: JSON.stringify(course) }),
      state: isOver ? over : isBack ? "taking_back" : "running",
      ...(isOver && { endedAt: clock.now(), alone: null, watched: null }),
    });
    if (isAll) return { goesOn: isOver || !isLate ? "now" : "after a rest" };
    if (!after) return { goesOn: "now" };
    const left = { found: found.slice(taken.length), last, step: after.step };
    return { goesOn: most === undefined ? "after a rest" : "after a step", run: after, ahead: left };
  }

  #courseOf(run: BulkRun, pinned: Pinned, page: FoundPage): Promise<Course> {
    const { next, clock } = this.#parts;
    return courseOf(run, page, clock.now(), async () => {
      let [total, isMore] = [0, false];
      const from = { run, after: run.cursor, limit: BATCH, now: clock.now() };
      for await (const { found, last } of pagesAhead(pinned, from, next)) {
        total += found.length;
        isMore = last !== null;
      }
      return { total, isMore };
    });
  }

  #changesOf({ id, state, cursor }: BulkRun, pinned: Pinned, taken: readonly Found[]): Changes {
    const ids = (kind: "again" | "run_now" | "cancel") =>
      taken.flatMap(({ decision }) => (decision.kind === kind ? [decision.jobId] : []));
    const isBack = state === "taking_back";
    const cancel = isBack ? taken.map((each) => each.id) : ids("cancel");
    const upTo = taken.at(-1)?.id;
    const reason = isBack ? `taken back with the bulk run ${id}` : `cancelled by the bulk run ${id}`;
    return {
      again: ids("again"),
      runNow: ids("run_now"),
      ...(cancel.length > 0 && { cancel: { jobIds: cancel, reason, unbegunOnly: isBack } }),
      make: taken.flatMap(({ decision }) => (decision.kind === "make" ? [decision.job] : [])),
      ...(pinned.kind === "contents" &&
        upTo !== undefined && {
          erase: this.#parts.store.events.erasing(
            pinned.tenant,
            cursor ?? firstIdAt("msg", pinned.createdFrom),
            upTo,
          ),
        }),
    };
  }

  /** The run as it is after that; undefined, with nothing done, if another job has continued the run, or somebody has stopped it. */
  async #write(
    run: BulkRun,
    changes: Changes,
    taken: readonly Found[],
    to: Partial<BulkRun>,
  ): Promise<BulkRun | undefined> {
    const { clock, instrument, endings, cancelled } = this.#parts;
    const now = clock.now();
    const announce = to.endedAt === undefined ? undefined : await endings(run.tenant);
    const written = await this.#change(
      run,
      changes,
      (changed) => {
        const after = recorded({ ...run, ...to, step: run.step + 1, updatedAt: now }, taken, changed);
        return { after, told: announce?.(after) };
      },
      now,
    );
    if (!written) return undefined;
    const { after, changed } = written;
    instrument["bulk.advanced"].publish({
      action: run.action,
      done: after.done - run.done,
      skipped: skippedIn(after) - skippedIn(run),
    });
    if (after.endedAt !== null) publishEnd(instrument, after);
    const ended = new Set(changed.cancelled);
    if (ended.size > 0)
      cancelled(taken.flatMap(({ id, task }) => (task !== undefined && ended.has(id) ? [{ id, task }] : [])));
    return after;
  }

  async #change(
    run: BulkRun,
    changes: Changes,
    record: (changed: ChangedJobs) => Recorded,
    now: number,
  ): Promise<{ readonly after: BulkRun; readonly changed: ChangedJobs } | undefined> {
    const { store, submit, instrument, wake } = this.#parts;
    const { make = [], again = [], runNow = [], cancel, erase } = changes;
    if (again.length + runNow.length === 0 && !cancel && !erase) {
      // committed together with other work, and leased at once if there is room, so that live traffic neither waits for these jobs nor has
      // to step over them
      const changed = { ...NOTHING_CHANGED, made: make.length };
      const { after, told } = record(changed);
      const guard = store.bulkRuns.passing(run, after, now, told);
      const { refused } = await submit({ jobs: make, guard, mayBeLost: true });
      return refused ? undefined : { after, changed };
    }
    let after = run;
    const changed = await store.bulkJobs.change(
      {
        ...changes,
        bulk: run.id,
        guard: store.bulkRuns.advancing(run, now),
        record: (changed) => {
          const recorded = record(changed);
          after = recorded.after;
          return store.bulkRuns.recording(after, recorded.told);
        },
      },
      now,
    );
    if (!changed) return undefined;
    const [first] = make;
    if (first && changed.made > 0) instrument["jobs.made"].publish({ task: first.task, count: changed.made });
    if (changed.again.length + changed.ranNow.length + changed.made > 0) wake();
    return { after, changed };
  }
}

/** A part of a second, with what may still be taken in it. */
interface Part {
  readonly begun: number;
  readonly paces: LanePaces;
}

/** What was read and not taken yet, and at which step of the run. */
interface Ahead extends FoundPage {
  readonly step: number;
}

/** To go on, after a rest until the next part, or a short one, with the run as it was written. */
interface Batched {
  readonly goesOn: "now" | "after a rest" | "after a step";
  readonly run?: BulkRun;
  readonly ahead?: Ahead;
}

type Changes = Omit<JobChanges, "bulk" | "guard" | "record">;

interface Recorded {
  readonly after: BulkRun;
  /** What is written with it. */
  readonly told: Call<unknown> | undefined;
}

const NOTHING_CHANGED: ChangedJobs = {
  ...{ again: [], keyHeld: [], ranNow: [], cancelled: [] },
  ...{ made: 0, erased: 0 },
};

function skippedIn({ skipped }: BulkRun): number {
  const reasons = JSON.parse(skipped) as Record<string, number>; // only `recorded` writes it
  return Object.values(reasons).reduce((all, n) => all + n, 0);
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** The run, with the outcome of this batch added to its counts. Jobs that are taken back are not counted again. */
function recorded(run: BulkRun, taken: readonly Found[], changed: ChangedJobs): BulkRun {
  if (run.state === "taking_back" || run.state === "taken_back") return run;
  const { again, keyHeld, ranNow, cancelled, made, erased } = changed;
  const done = again.length + ranNow.length + cancelled.length + made + erased;
  const skipped = JSON.parse(run.skipped) as Record<string, number>; // only this function writes it
  const skip = (reason: string, n: number) => {
    if (n > 0) skipped[reason] = (skipped[reason] ?? 0) + n;
  };
  let asked = 0;
  for (const { decision } of taken) {
    if (decision.kind === "skip") skip(decision.reason, 1);
    else asked++;
  }
  skip("key_in_use", keyHeld.length);
  skip(run.action === "erase" ? "payload_erased" : "changed_meanwhile", asked - done - keyHeld.length);
  const watched = run.endedAt === null ? watchedOf(run, taken, new Set(again)) : null;
  return {
    ...run,
    matched: run.matched + taken.length,
    done: run.done + done,
    skipped: JSON.stringify(skipped),
    watched,
  };
}

function watchedOf(run: BulkRun, taken: readonly Found[], again: ReadonlySet<string>): string | null {
  const first = new FirstJobs(run.watched);
  for (const { lane, decision } of taken) {
    if (decision.kind === "make") first.add(lane, decision.job.id);
    else if (decision.kind === "again" && again.has(decision.jobId)) first.add(lane, decision.jobId);
  }
  return first.toString();
}
