import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from "node:perf_hooks";
import { GC, Histogram } from "./histogram.ts";

const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
/** Scrapers that ask more often than this share what one window was like, so that none takes it from another. */
const WINDOW_MS = 15_000;

const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weakcb",
};

type Loop = ReturnType<typeof monitorEventLoopDelay>;
type Quantiles = readonly (readonly [quantile: number, seconds: number])[];

/** What Node reports about its event loop and its garbage collector, from the first scrape on; until then it costs nothing. */
export class RuntimeWatch {
  readonly gcSeconds = new Map<string, Histogram>();
  #loop: Loop | undefined;
  #gc: PerformanceObserver | undefined;
  #windowFrom = 0;
  #last: Quantiles = [];

  start(): void {
    if (this.#loop) return;
    this.#loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS }); // it wakes the process fifty times a second
    this.#loop.enable();
    this.#windowFrom = performance.now();
    this.#gc = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#collected(entry);
    });
    this.#gc.observe({ entryTypes: ["gc"] });
  }

  stop(): void {
    this.#loop?.disable();
    this.#gc?.disconnect();
  }

  /** By how many seconds the event loop was late, of the last whole window; before there is one, of what there is. */
  loopDelay(): Quantiles {
    const loop = this.#loop;
    if (!loop || loop.count === 0) return this.#last;
    const now = performance.now();
    const isWhole = now - this.#windowFrom >= WINDOW_MS;
    if (!isWhole && this.#last.length > 0) return this.#last;
    const seen = quantilesOf(loop);
    if (!isWhole) return seen;
    this.#last = seen;
    this.#windowFrom = now;
    loop.reset();
    return seen;
  }

  #collected(entry: PerformanceEntry): void {
    // entries of this type have it
    const { duration: ms, detail } = entry as PerformanceEntry & {
      readonly detail: { readonly kind: number };
    };
    const kind = KINDS[detail.kind];
    if (kind === undefined) return;
    const seconds = this.gcSeconds.get(kind) ?? new Histogram(GC);
    this.gcSeconds.set(kind, seconds);
    seconds.record(ms / 1_000);
  }
}

function quantilesOf(loop: Loop): Quantiles {
  return (
    [
      [0.5, loop.percentile(50)],
      [0.99, loop.percentile(99)],
      [1, loop.max],
    ] as const
  ).map(([quantile, late]) => [quantile, Math.max(0, late / NANOSECONDS - RESOLUTION_MS / 1_000)]);
}
