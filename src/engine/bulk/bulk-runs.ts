import { actorName, type By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError, NotFoundError, OverloadedError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import { textOf, wrong } from "../../core/options.ts";
import { type Reach, readReach, takeReach } from "../../core/reach.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";
import type { Store } from "../../store/store.ts";
import type { Audit, AuditChange, AuditedAct } from "../audit/audit.ts";
import type { Idempotency, Intake } from "../intake/intake.ts";
import { type ListOptions, pageOf, type SearchedPage, searched } from "../lists.ts";
import { type Endings, publishEnd } from "./bulk-ending.ts";
import type { BulkPlaces, BulkRequest } from "./bulk-request.ts";
import type { BulkPage, FoundPage, Pinned } from "./bulk-source.ts";
import { BULK_TASK, bulkJob } from "./bulk-task.ts";
import { type PublicBulkRun, publicBulkRun } from "./bulk-view.ts";
import { ACTIONS, paceOf } from "./check-request.ts";
import { ownerOf, pin } from "./pin-request.ts";
import { type BulkPreview, preview } from "./preview.ts";
import { requested } from "./requested.ts";

export interface BulkRunsParts {
  readonly store: Pick<Store, "bulkRuns">;
  readonly intake: Pick<Intake, "submit">;
  readonly places: BulkPlaces;
  readonly audit: Audit;
  readonly next: (pinned: Pinned, page: BulkPage) => Promise<FoundPage>;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly endings: Endings;
}

/** Who starts the run and why, for the audit, and which jobs the caller may see. */
export interface BulkStartOptions extends By {
  /** Which jobs the caller may see; no others are found. */
  readonly reach?: Reach | undefined;
  readonly idempotency?: Idempotency | undefined;
}

/** Who makes the change, and which jobs the caller may see. */
export interface BulkChangeOptions extends By {
  readonly reach?: Reach | undefined;
}

/** A run that was started; it is on disk. */
export interface BulkStarted {
  readonly run: PublicBulkRun;
  /** An earlier request with the same idempotency key made it. */
  readonly replayed: boolean;
}

/** Which runs: those that meet every given condition. */
export interface BulkListOptions extends ListOptions {
  readonly state?: BulkRun["state"] | undefined;
  readonly action?: BulkRun["action"] | undefined;
  /** The id or uid of a tenant: runs that are limited to it. */
  readonly tenant?: string | undefined;
  /** Who started them: the name of an API key, or the name that a program uses for the person. */
  readonly actor?: string | undefined;
}

const OF_LIST = ["state", "action", "tenant", "actor"] satisfies (keyof BulkListOptions)[];
const STATES: readonly BulkRun["state"][] = [
  ...["waiting", "running", "paused", "stopped"],
  ...["taking_back", "taken_back", "done"],
] as const;
const MOST_TRIES = 10;

/** Bulk runs: one action on all jobs that match a filter. They can be previewed, paced, stopped and taken back. */
export class BulkRuns {
  readonly #parts: BulkRunsParts;

  constructor(parts: BulkRunsParts) {
    this.#parts = parts;
  }

  /**
   * Creates a run, which starts after `startsIn` (10 seconds by default).
   * @throws InvalidInputError naming every field that is wrong; NotFoundError for a tenant or an endpoint; ConflictError while the
   * endpoint's last replay has not ended.
   * @example
   * const { run } = await posthorn.bulk.start({ action: "redeliver", filter: { class: "5xx", createdFrom: "6h" }, pace: 20 });
   */
  async start(request: BulkRequest, options: BulkStartOptions = {}): Promise<BulkStarted> {
    const { run, replayed } = await this.startAs(BULK_TASK, request, options);
    return { run: publicBulkRun(run), replayed };
  }

  /** Like `start`, but the run's job belongs to this task. */
  async startAs(
    task: string,
    request: BulkRequest,
    options: BulkStartOptions,
  ): Promise<{ run: BulkRun; replayed: boolean }> {
    const { reach, rest } = takeReach(options);
    const { idempotency, ...by } = rest;
    const { store, intake, places, clock } = this.#parts;
    const now = clock.now();
    const { pinned, tenant, mode, alone, startsInMs } = await pin(request, reach, places, now);
    const run: BulkRun = {
      ...{ id: newId("qtask", now), tenant, mode, alone, action: request.action },
      ...{ filter: JSON.stringify(pinned), state: "waiting", reason: null, cursor: null, step: 0 },
      ...{
        pace: request.pace ?? null,
        matched: 0,
        done: 0,
        failed: 0,
        skipped: "{}",
        watched: null,
        course: null,
      },
      ...{ driver: newId("job", now), actor: actorName(by), note: request.note ?? null },
      ...{ startsAt: now + startsInMs, createdAt: now, updatedAt: now, endedAt: null },
    };
    const { filter, what } = requested(run.action, pinned);
    const asked = { action: [null, run.action], filter: [null, filter], pace: [null, run.pace] } as const;
    const change = what === null ? asked : { ...asked, what: [null, what] as const };
    const act = this.#act("start", run, { reason: run.note, ...by }, change);
    const { refused, replayed, made } = await intake.submit({
      jobs: [bulkJob(run.id, run.driver, task, now, run.startsAt)],
      guard: store.bulkRuns.insertion(run),
      rows: [act.row],
      makes: run.id,
      idempotency,
    });
    if (replayed) return { run: await this.#find(made ?? run.id, {}), replayed };
    if (!refused) {
      act.done();
      return { run, replayed };
    }
    const other = alone === null ? undefined : await store.bulkRuns.aloneAbout(alone);
    throw new ConflictError(
      "replay_under_way",
      `${other?.id ?? "another bulk run"} is already replaying to this endpoint; wait until it has ended, or stop it`,
    );
  }

  /**
   * Says what a run would do, without changing anything: how many jobs match, where they go, and what would be skipped.
   * @throws as `start` does.
   */
  async preview(request: BulkRequest, options: BulkStartOptions = {}): Promise<BulkPreview> {
    const { reach } = takeReach(options);
    const { places, clock, next } = this.#parts;
    const now = clock.now();
    const { pinned } = await pin(request, reach, places, now);
    return preview(pinned, request, { next, rateOf: (lane) => places.rateOf(lane) }, now);
  }

  /** Looks up a run and its progress. @throws NotFoundError */
  async get(id: string, reach?: Reach): Promise<PublicBulkRun> {
    return publicBulkRun(await this.#find(id, readReach(reach)));
  }

  /**
   * Newest first.
   * @throws InvalidInputError naming what is wrong; NotFoundError for a tenant that the caller does not see.
   */
  async list(options: BulkListOptions = {}, reach?: Reach): Promise<SearchedPage<PublicBulkRun>> {
    const { state, action, tenant, actor } = options;
    const page = pageOf(options, "qtask", "descending", OF_LIST);
    if (state !== undefined && !STATES.includes(state))
      throw wrong(["state"], `must be one of ${STATES.join(", ")}`);
    if (action !== undefined && !ACTIONS.includes(action))
      throw wrong(["action"], `must be one of ${ACTIONS.join(", ")}`);
    if (actor !== undefined) textOf(actor, ["actor"]);
    const { store, places } = this.#parts;
    const own = readReach(reach);
    const owner = tenant === undefined ? undefined : await ownerOf(textOf(tenant, ["tenant"]), own, places);
    const within = owner ? { ...own, tenant: owner.id } : own;
    const slice = await store.bulkRuns.list(within, { ...page, state, action, actor });
    return searched(slice, page, ({ id }) => id, publicBulkRun);
  }

  /** Sets the run's pace, in jobs per second and endpoint, from its next second on. @throws NotFoundError, InvalidInputError */
  async setPace(id: string, pace: number, options: BulkChangeOptions = {}): Promise<PublicBulkRun> {
    const { reach, rest: by } = takeReach(options);
    const { store, intake, clock } = this.#parts;
    const run = await this.#find(id, reach);
    const act = this.#act("pace", run, by, { pace: [run.pace, paceOf(pace)] });
    const guard = store.bulkRuns.pacing(id, pace, clock.now());
    await intake.submit({ jobs: [], guard, rows: [act.row] });
    act.done();
    return this.get(id, reach);
  }

  /** Stops a run: it queues nothing more. What it has queued already still runs. @throws NotFoundError, ConflictError when it has ended. */
  stop(id: string, options: BulkChangeOptions = {}): Promise<PublicBulkRun> {
    return this.#move(id, options, ["waiting", "running"], "stop", (run, now) => ({
      run: { ...run, state: "stopped", alone: null, watched: null, endedAt: now },
      drives: false,
    }));
  }

  /** Continues a run that was stopped, or that paused by itself. It does not pause by itself again, even if its jobs keep failing. */
  resume(id: string, options: BulkChangeOptions = {}): Promise<PublicBulkRun> {
    return this.#move(id, options, ["stopped", "paused"], "resume", (run) => ({
      run: { ...run, state: "running", alone: aloneOf(run), endedAt: null },
      drives: true,
    }));
  }

  /**
   * Undoes a run that has not started. A run that has started queues nothing more, and those of its jobs that have not started are
   * cancelled. What was sent stays sent.
   * @throws NotFoundError, ConflictError for a `cancel`, `run_now` or `erase` run that has started: it cannot be taken back.
   */
  takeBack(id: string, options: BulkChangeOptions = {}): Promise<PublicBulkRun> {
    const from = ["waiting", "running", "paused", "stopped", "done"] as const;
    return this.#move(id, options, from, "take_back", (run, now) => {
      if (run.state === "waiting")
        return { run: { ...run, state: "taken_back", alone: null, endedAt: now }, drives: false };
      if (run.action === "cancel" || run.action === "run_now" || run.action === "erase")
        throw new ConflictError(
          "bulk_state",
          `what ${run.action} has done cannot be taken back; stop the run instead`,
        );
      const back = { ...run, state: "taking_back", cursor: null, watched: null, endedAt: null } as const;
      return { run: back, drives: true };
    });
  }

  async #move(
    id: string,
    options: BulkChangeOptions,
    from: readonly BulkRun["state"][],
    verb: "stop" | "resume" | "take_back",
    to: (run: BulkRun, now: number) => { readonly run: BulkRun; readonly drives: boolean },
  ): Promise<PublicBulkRun> {
    const { reach, rest: by } = takeReach(options);
    const { store, intake, clock, instrument, endings } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const run = await this.#find(id, reach);
      if (!from.includes(run.state))
        throw new ConflictError(
          "bulk_state",
          `cannot ${verb.replace("_", " ")}: the bulk run is ${run.state}`,
        );
      const now = clock.now();
      const { run: moved, drives } = to(run, now);
      // a new job: the previous one has ended, or will once it notices that it no longer drives the run
      const driver = drives ? newId("job", now) : run.driver;
      const after = { ...moved, driver, updatedAt: now };
      const jobs = drives ? [bulkJob(id, driver, BULK_TASK, now, now)] : [];
      const act = this.#act(verb, run, by, { state: [run.state, after.state] });
      // an operational event was sent already when it paused
      const isEnd = after.endedAt !== null && run.endedAt === null;
      const announce = isEnd ? await endings(run.tenant) : undefined;
      const { refused } = await intake.submit({
        jobs,
        guard: store.bulkRuns.moving(after, run),
        rows: announce ? [act.row, announce(after)] : [act.row],
      });
      if (refused) continue;
      act.done();
      if (isEnd) publishEnd(instrument, after);
      return publicBulkRun(after);
    }
    throw new OverloadedError("the bulk run is being changed by others at the same time; try again shortly");
  }

  #act(
    verb: "start" | "stop" | "resume" | "take_back" | "pace",
    { id: target, tenant }: BulkRun,
    by: By,
    change: AuditChange,
  ): AuditedAct {
    return this.#parts.audit.act(by, { action: `bulk.${verb}`, target, tenant, change });
  }

  async #find(id: string, reach: Reach): Promise<BulkRun> {
    const run = typeof id === "string" ? await this.#parts.store.bulkRuns.get(id, reach) : undefined;
    if (run) return run;
    throw new NotFoundError("bulk_run", id);
  }
}

function aloneOf({ filter }: BulkRun): string | null {
  const pinned = JSON.parse(filter) as Pinned; // only `startAs` writes it
  return pinned.kind === "events" ? `replay ${pinned.lane}` : null;
}
