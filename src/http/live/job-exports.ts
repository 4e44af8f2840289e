import type { Clock } from "../../core/clock.ts";
import { OverloadedError } from "../../core/errors.ts";
import type { Holds, Sought } from "../../core/job-content.ts";
import { SpareTime } from "../../core/spare-time.ts";
import type { Jobs } from "../../engine/jobs.ts";
import type { JobFilter, JobPage, Page } from "../../store/job-records.ts";
import type { Caller } from "../access/permission.ts";
import { taskJobView } from "../answer/job-view.ts";
import { cursorAfterJob } from "../request/cursor.ts";
import type { JobExportEnd } from "../schemas/queries.ts";
import { Download } from "./download.ts";

const MOST_AT_ONCE = 10;
const MOST_JOBS = 100;
/** The first time, when it is not known how large they are. */
const FIRST_JOBS = 10;
/** As many jobs are read at once as are about this long: their results can be large. */
const LENGTH_AT_ONCE = 1_048_576;
/** How long the next jobs wait at most for a busy process. */
const LONGEST_WAIT_MS = 20;
/** How long one that searches waits after it was refused, because too many others search. */
const REFUSED_MS = 1_000;

interface Lister extends Pick<Jobs, "page"> {
  search(...given: Parameters<Jobs["search"]>): Promise<JobPage>;
}

export interface AskedExport {
  readonly filter: JobFilter;
  /** What their content has to hold. Default: it is not looked at. */
  readonly sought?: Sought | Holds | undefined;
  /** So many jobs at most. */
  readonly limit: number;
  /** Only jobs after the one with this id. */
  readonly after: string | undefined;
  readonly caller: Caller;
}

/**
 * Lists of jobs that are read while they are sent, a hundred jobs at a time, no faster than they are taken, and in the time that other
 * requests leave: ten at once at most.
 */
export class JobExports {
  readonly #jobs: Lister;
  readonly #clock: Clock;
  readonly #open = new Set<JobExport>();
  #isStopped = false;

  constructor(jobs: Lister, clock: Clock) {
    this.#jobs = jobs;
    this.#clock = clock;
  }

  /** @throws OverloadedError when ten are being sent, or the server stops. */
  open(asked: AskedExport): ReadableStream<Uint8Array> {
    if (this.#isStopped) throw new OverloadedError("this server is shutting down; try again shortly", 5);
    if (this.#open.size >= MOST_AT_ONCE)
      throw new OverloadedError("too many exports are being sent; try again shortly", 5);
    const one = new JobExport(this.#jobs, this.#clock, asked, () => this.#open.delete(one));
    this.#open.add(one);
    return one.download.bytes;
  }

  /** Breaks all off, so that their last line is missing, and refuses new ones, which would keep the server from stopping. */
  stop(): void {
    this.#isStopped = true;
    for (const one of this.#open) one.download.breakOff("the server is shutting down");
  }
}

class JobExport {
  readonly download: Download;
  readonly #jobs: Lister;
  readonly #clock: Clock;
  readonly #asked: AskedExport;
  readonly #spareTime = new SpareTime(LONGEST_WAIT_MS);
  #last: string | undefined;
  #sent = 0;
  #atOnce = FIRST_JOBS;
  #isWhole = false;

  constructor(jobs: Lister, clock: Clock, asked: AskedExport, ended: () => void) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#asked = asked;
    this.#last = asked.after;
    this.download = new Download({ what: "export", next: () => this.#next(), ended }, asked.caller, clock);
  }

  async #next() {
    await this.#spareTime.forNextStep(); // SQLite answers at once, so nothing else would be done until the socket is full
    const lines = await this.#page();
    return { bytes: new TextEncoder().encode(lines), isLast: this.#isWhole };
  }

  /** Empty where nothing was found among as many as are looked at for it. */
  async #page(): Promise<string> {
    const { filter, limit } = this.#asked;
    const most = Math.min(this.#atOnce, limit - this.#sent);
    // one more than is sent shows whether anything follows
    const page = { limit: most + 1, ...(this.#last !== undefined && { before: this.#last }) };
    const found = await this.#found(filter, page);
    if (!found) return "";
    const { jobs, searchedTo } = found;
    const some = jobs.slice(0, most);
    const last = jobs.length > most ? some.at(-1) : searchedTo;
    this.#sent += some.length;
    this.#last = last?.id;
    this.#isWhole = !last || this.#sent === limit;
    const end: JobExportEnd = {
      end: true,
      jobs: this.#sent,
      next_cursor: last ? cursorAfterJob(last.id) : null,
    };
    const lines: readonly object[] = [
      ...some.map((job) => taskJobView(job)),
      ...(this.#isWhole ? [end] : []),
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const fitting = Math.round((some.length * LENGTH_AT_ONCE) / (text.length || 1));
    if (some.length > 0) this.#atOnce = Math.min(MOST_JOBS, Math.max(1, fitting));
    return text;
  }

  /** Undefined when too many others search now. */
  async #found(filter: JobFilter, page: Page): Promise<JobPage | undefined> {
    const { sought } = this.#asked;
    if (!sought) return this.#jobs.page(filter, page);
    try {
      return await this.#jobs.search(filter, page, sought);
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      await new Promise<void>((resolve) => this.#clock.after(REFUSED_MS, resolve));
      return undefined;
    }
  }
}
