import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { OverloadedError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import {
  type Holds,
  holdsIn,
  type JobContent,
  MOST_BYTES_SEARCHED,
  type Sought,
} from "../core/job-content.ts";
import type { JobFilter, Page, SiftedPage } from "../store/job-records.ts";
import type { Store } from "../store/store.ts";

/** A step in a thread looks at so many jobs at most, all of which may be found; */
const STEP = 250;
const STEP_MS = 25;
/** one without a thread at these, in parts whose content is in memory together. */
const SLICE = 100;
const PART = 25;
/** For so long at most it keeps other work of the process waiting, unless a single job takes longer. */
const LONGEST_TURN_MS = 2;
const MOST_LOOKED_AT = 5_000;
const MOST_WORK_MS = 150;
/** It waits for three times as long as it worked, so that it takes a quarter of the time at most. */
const REST = 3;
const LONGEST_REST_MS = 100;
const MOST_AT_ONCE = 2;
const MOST_WAITING = 20;

const utf8 = new TextDecoder();

interface Looked extends SiftedPage {
  /** How long it can have worked; a thread may have had to begin first, or to wait. */
  readonly mostMs: number;
}

/** Looks for jobs by their content, newest first: a bounded number of them for a page, and never more than two pages at once. */
export class JobSearch {
  readonly #store: Pick<Store, "records" | "events">;
  readonly #waiting: (() => void)[] = [];
  #underway = 0;

  constructor(store: Pick<Store, "records" | "events">) {
    this.#store = store;
  }

  /**
   * Those that fit the filter and hold what is sought.
   * @param sought plain data lets a database look in a thread; a function that tells of contents runs here.
   * @throws OverloadedError when too many wait for their turn.
   */
  async page(filter: JobFilter, page: Page, sought: Sought | Holds): Promise<SiftedPage> {
    await this.#turn();
    try {
      return await this.#look(filter, page, sought);
    } finally {
      this.#end();
    }
  }

  async #look(filter: JobFilter, { limit, before }: Page, sought: Sought | Holds): Promise<SiftedPage> {
    const found: Job[] = [];
    const places: number[] = [];
    let from = before;
    let lookedAt = 0;
    let worked = 0;
    for (;;) {
      const begun = performance.now();
      const step = await this.#step(filter, from, sought);
      const room = limit - found.length;
      found.push(...step.jobs.slice(0, room));
      places.push(...step.places.slice(0, room).map((place) => lookedAt + place));
      lookedAt += step.lookedAt;
      const isFull = found.length === limit;
      if (isFull) return { jobs: found, places, lookedAt: places.at(-1) ?? lookedAt, searchedTo: null };
      const { searchedTo, mostMs } = step;
      if (!searchedTo) return { jobs: found, places, lookedAt, searchedTo };
      from = searchedTo.id;
      const took = Math.min(mostMs, performance.now() - begun);
      worked += took;
      if (lookedAt >= MOST_LOOKED_AT || worked >= MOST_WORK_MS)
        return { jobs: found, places, lookedAt, searchedTo };
      await wait(Math.min(LONGEST_REST_MS, took * REST));
    }
  }

  async #step(filter: JobFilter, from: string | undefined, sought: Sought | Holds): Promise<Looked> {
    const before = from === undefined ? {} : { before: from };
    const { records } = this.#store;
    const aside =
      typeof sought === "function"
        ? undefined
        : await records.holding?.(filter, { limit: STEP, ...before }, sought);
    if (aside) return { ...aside, mostMs: STEP_MS };
    const slice = await records.list(filter, { limit: SLICE, ...before });
    const found = await this.#those(slice.jobs, holdsIn(sought));
    const last = slice.jobs.length === SLICE ? slice.jobs.at(-1) : undefined;
    const lookedAt = slice.jobs.length;
    return { ...found, lookedAt, searchedTo: slice.searchedTo ?? last ?? null, mostMs: Infinity };
  }

  /** Those of the jobs whose content is wanted, which are looked at a few at a time. */
  async #those(jobs: readonly Job[], holds: Holds): Promise<Pick<SiftedPage, "jobs" | "places">> {
    const found: Job[] = [];
    const places: number[] = [];
    let begun = performance.now();
    for (let from = 0; from < jobs.length; from += PART) {
      const contents = await this.#contents(jobs.slice(from, from + PART));
      for (const [at, [job, content]] of contents.entries()) {
        if (performance.now() - begun > LONGEST_TURN_MS) {
          await nextTurn();
          begun = performance.now();
        }
        if (!holds(content)) continue;
        found.push(job);
        places.push(from + at + 1);
      }
    }
    return { jobs: found, places };
  }

  async #contents(jobs: readonly Job[]): Promise<(readonly [Job, JobContent])[]> {
    const eventOf = ({ origin }: Job) => origin?.event;
    const events = [...new Set(jobs.flatMap((job) => eventOf(job) ?? []))];
    const own = jobs.filter((job) => eventOf(job) === undefined).map(({ id }) => id);
    const [sent, inputs] = await Promise.all([
      this.#store.events.getSmall(events, MOST_BYTES_SEARCHED),
      this.#store.records.inputs(own, MOST_BYTES_SEARCHED),
    ]);
    const payloads = new Map(sent.map(({ id, payload }) => [id, payload && utf8.decode(payload)]));
    return jobs.map((job) => {
      const event = eventOf(job);
      const input = event === undefined ? inputs.get(job.id) : payloads.get(event);
      return [job, { input: input ?? "", result: job.result ?? null, error: job.error ?? null }] as const;
    });
  }

  async #turn(): Promise<void> {
    if (this.#underway < MOST_AT_ONCE) {
      this.#underway++;
      return;
    }
    if (this.#waiting.length >= MOST_WAITING)
      throw new OverloadedError("too many searches of jobs wait for their turn");
    await new Promise<void>((begin) => this.#waiting.push(begin));
  }

  #end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#underway--;
  }
}
