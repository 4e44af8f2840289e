import { setTimeout as wait } from "node:timers/promises";
import { OverloadedError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { JobFilter, JobPage, Page } from "../store/job-records.ts";
import type { Store } from "../store/store.ts";

/** What of a job can be searched, as it was written. */
export interface JobContent {
  /** Its input or payload; of a delivery of an event, the event's. */
  readonly input: string;
  readonly result: string | null;
  readonly error: string | null;
}

/** So many jobs' content is in memory at once. */
const SLICE = 100;
const MOST_LOOKED_AT = 5_000;
const MOST_WORK_MS = 150;
/** Larger inputs are not searched. */
const MOST_BYTES = 65_536;
/** It waits for three times as long as it worked, so that it takes a quarter of the time at most. */
const REST = 3;
const LONGEST_REST_MS = 100;
const MOST_AT_ONCE = 2;
const MOST_WAITING = 20;

const utf8 = new TextDecoder();

/** Looks for jobs by their content, newest first: a bounded number of them for a page, and never more than two pages at once. */
export class JobSearch {
  readonly #store: Pick<Store, "records" | "events">;
  readonly #waiting: (() => void)[] = [];
  #underway = 0;

  constructor(store: Pick<Store, "records" | "events">) {
    this.#store = store;
  }

  /**
   * Those that fit the filter and hold what is looked for.
   * @throws OverloadedError when too many wait for their turn.
   */
  async page(filter: JobFilter, page: Page, holds: (content: JobContent) => boolean): Promise<JobPage> {
    await this.#turn();
    try {
      return await this.#look(filter, page, holds);
    } finally {
      this.#end();
    }
  }

  async #look(
    filter: JobFilter,
    { limit, before }: Page,
    holds: (content: JobContent) => boolean,
  ): Promise<JobPage> {
    const found: Job[] = [];
    let from = before;
    let lookedAt = 0;
    let worked = 0;
    for (;;) {
      const begun = performance.now();
      const slice = await this.#store.records.list(filter, {
        limit: SLICE,
        ...(from !== undefined && { before: from }),
      });
      const contents = await this.#contents(slice.jobs);
      for (const [job, content] of contents) {
        if (!holds(content)) continue;
        found.push(job);
        if (found.length === limit) return { jobs: found, searchedTo: null };
      }
      const last = slice.jobs.at(-1);
      const searchedTo = slice.searchedTo ?? (last && { id: last.id, createdAt: last.createdAt });
      if (!searchedTo || (!slice.searchedTo && slice.jobs.length < SLICE))
        return { jobs: found, searchedTo: null };
      from = searchedTo.id;
      lookedAt += slice.jobs.length;
      const took = performance.now() - begun;
      worked += took;
      if (lookedAt >= MOST_LOOKED_AT || worked >= MOST_WORK_MS) return { jobs: found, searchedTo };
      await wait(Math.min(LONGEST_REST_MS, took * REST));
    }
  }

  async #contents(jobs: readonly Job[]): Promise<(readonly [Job, JobContent])[]> {
    const eventOf = ({ origin }: Job) => origin?.event;
    const events = [...new Set(jobs.flatMap((job) => eventOf(job) ?? []))];
    const own = jobs.filter((job) => eventOf(job) === undefined).map(({ id }) => id);
    const [sent, inputs] = await Promise.all([
      this.#store.events.getSmall(events, MOST_BYTES),
      this.#store.records.inputs(own, MOST_BYTES),
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
