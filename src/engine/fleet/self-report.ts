import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../../core/clock.ts";
import type { Unsubscribe } from "../../observe/channel.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { WorkerReportShelf, WorkerTold } from "../../store/shelves/worker-reports.ts";
import type { Part } from "../part.ts";
import { Rhythm } from "../rhythm.ts";
import { HEARTBEAT_MS } from "./membership.ts";

const RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1e6;

export interface SelfReportParts {
  readonly shelf: WorkerReportShelf;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly workerId: string;
  /** Whether an idle worker writes to the database as well. */
  readonly writesWhileIdle: boolean;
  /** How many handlers run. */
  running(): number;
  /** Whether it holds any lease. */
  isIdle(): boolean;
  /** Somebody has asked it to take no more jobs. */
  drain(): void;
}

/** With each heartbeat, tells how this worker is doing, and finds out whether somebody has asked it to take no more jobs. */
export class SelfReport implements Part {
  readonly #parts: SelfReportParts;
  readonly #rhythm: Rhythm;
  /** While it has work: it wakes the process fifty times a second. */
  #loop: ReturnType<typeof monitorEventLoopDelay> | undefined;
  #claimed = 0;
  #from: number;
  #last: WorkerTold;
  #isAsked = false;
  #unsubscribe: Unsubscribe = () => {};

  constructor(parts: SelfReportParts) {
    const { clock, instrument } = parts;
    this.#parts = parts;
    this.#from = clock.now();
    this.#last = this.#told(this.#from);
    this.#rhythm = new Rhythm(clock, instrument, HEARTBEAT_MS, () => this.#beat());
  }

  async start(): Promise<void> {
    const { clock, instrument, shelf } = this.#parts;
    this.#unsubscribe = instrument["commit.done"].subscribe(({ claimed }) => {
      this.#claimed += claimed;
    });
    this.#from = clock.now();
    this.#last = this.#told(this.#from);
    await shelf.put(this.#last);
    this.#rhythm.start();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#rhythm.stop();
    this.#loop?.disable();
    await this.#parts.shelf.forget(this.#parts.workerId).catch(() => {}); // others will, once it has left
  }

  /** As of the last heartbeat, which others may not have been told of. */
  get last(): WorkerTold {
    return this.#last;
  }

  async #beat(): Promise<void> {
    const { clock, shelf, workerId, isIdle, writesWhileIdle, drain } = this.#parts;
    const now = clock.now();
    const before = this.#last;
    this.#last = this.#told(now);
    this.#claimed = 0;
    this.#from = now;
    this.#measureLoop(!isIdle());
    const isNews = this.#last.claimed + this.#last.running + before.claimed + before.running > 0;
    if (!isIdle() || (writesWhileIdle && isNews)) await shelf.put(this.#last);
    if (this.#isAsked || (await shelf.drainAskedAt(workerId)) === undefined) return;
    this.#isAsked = true;
    drain();
  }

  #told(now: number): WorkerTold {
    const { workerId: worker, running } = this.#parts;
    const late = this.#loop && this.#loop.count > 0 ? this.#loop.percentile(99) / NANOSECONDS_PER_MS : null;
    return {
      ...{ worker, reportedAt: now, running: running(), claimed: this.#claimed, windowMs: now - this.#from },
      loopDelayMs: late === null ? null : Math.max(0, Math.round(late - RESOLUTION_MS)),
    };
  }

  /** The next window. */
  #measureLoop(isWorthIt: boolean): void {
    if (!isWorthIt) {
      this.#loop?.disable();
      this.#loop = undefined;
      return;
    }
    this.#loop?.reset();
    if (this.#loop) return;
    this.#loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#loop.enable();
  }
}
