import type { Job } from "../core/job.ts";
import {
  type Holds,
  holdsIn,
  type JobContent,
  MOST_BYTES_SEARCHED,
  type Sought,
} from "../core/job-content.ts";
import type { JobFilter, Page, SearchedTo, SiftedPage } from "../store/job-records.ts";
import type { Store } from "../store/store.ts";
import { rowsThatHold, Searches, type Step } from "./searches.ts";

/** A step in a thread looks at so many jobs at most, all of which may be found; */
const STEP = 250;
const STEP_MS = 25;
/** one without a thread at these. */
const SLICE = 100;

const utf8 = new TextDecoder();

/** Looks for jobs by their content, newest first. */
export class JobSearch {
  readonly #store: Pick<Store, "records" | "events">;
  readonly #searches = new Searches();

  constructor(store: Pick<Store, "records" | "events">) {
    this.#store = store;
  }

  /**
   * Those that fit the filter and hold what is sought.
   * @param sought plain data lets a database look in a thread; a function that tells of contents runs here.
   * @throws OverloadedError when too many wait for their turn.
   */
  async page(filter: JobFilter, { limit, before }: Page, sought: Sought | Holds): Promise<SiftedPage> {
    const { rows, ...far } = await this.#searches.page<Job, SearchedTo>(limit, (from) =>
      this.#step(filter, from?.id ?? before, sought),
    );
    return { jobs: rows, ...far };
  }

  async #step(
    filter: JobFilter,
    from: string | undefined,
    sought: Sought | Holds,
  ): Promise<Step<Job, SearchedTo>> {
    const before = from === undefined ? {} : { before: from };
    const { records } = this.#store;
    const aside =
      typeof sought === "function"
        ? undefined
        : await records.holding?.(filter, { limit: STEP, ...before }, sought);
    if (aside) {
      const { jobs: rows, ...far } = aside;
      return { rows, ...far, mostMs: STEP_MS };
    }
    const slice = await records.list(filter, { limit: SLICE, ...before });
    const found = await rowsThatHold(slice.jobs, (part) => this.#contents(part), holdsIn(sought));
    const last = slice.jobs.length === SLICE ? slice.jobs.at(-1) : undefined;
    const lookedAt = slice.jobs.length;
    return { ...found, lookedAt, searchedTo: slice.searchedTo ?? last ?? null, mostMs: Infinity };
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
}
