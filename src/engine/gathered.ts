import type { Clock } from "../core/clock.ts";
import type { Step } from "../observe/events.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { Part } from "./part.ts";
import { Rhythm } from "./rhythm.ts";

export interface GatheringParts<Of> {
  readonly clock: Clock;
  readonly instrument: Instrument;
  /** The step that is reported as failed if the values cannot be written. */
  readonly step: Step;
  /** Combines two values with the same key: the one there, and a new one. */
  readonly join: (before: Of, next: Of) => Of;
  readonly write: (gathered: ReadonlyMap<string, Of>) => Promise<void>;
}

const WRITE_MS = 1_000;
const MOST_KEYS = 10_000;

/**
 * Gathers values by key and writes them at most once a second (the first one at once), so that nobody has to wait for the write. Values
 * that cannot be written are kept and tried again. What a process has not written when it is killed is lost.
 */
export class Gathered<Of> implements Part {
  readonly #parts: GatheringParts<Of>;
  readonly #rhythm: Rhythm;
  #gathered = new Map<string, Of>();
  #writing: Promise<void> | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(parts: GatheringParts<Of>) {
    this.#parts = parts;
    this.#rhythm = new Rhythm(parts.clock, parts.instrument, WRITE_MS, async () => this.#writeSoon());
  }

  start(): void {
    this.#rhythm.start();
  }

  async stop(): Promise<void> {
    await this.#rhythm.stop();
    await this.#writing;
    await this.#write().catch(() => {}); // the database may be gone
  }

  add(key: string, seen: Of): void {
    this.#join(key, seen);
    if (this.#parts.clock.now() - this.#writtenAt >= WRITE_MS) this.#writeSoon();
  }

  #join(key: string, seen: Of): void {
    const before = this.#gathered.get(key);
    if (before !== undefined) this.#gathered.set(key, this.#parts.join(before, seen));
    else if (this.#gathered.size < MOST_KEYS) this.#gathered.set(key, seen); // beyond this number, the others are representative enough
  }

  #writeSoon(): void {
    const { instrument, step } = this.#parts;
    this.#writing ??= this.#write()
      .catch((error: unknown) => instrument["step.failed"].publish({ step, error }))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #write(): Promise<void> {
    if (this.#gathered.size === 0) return;
    this.#writtenAt = this.#parts.clock.now();
    const gathered = this.#gathered;
    this.#gathered = new Map();
    try {
      await this.#parts.write(gathered);
    } catch (error) {
      const since = this.#gathered;
      this.#gathered = gathered;
      for (const [key, seen] of since) this.#join(key, seen);
      throw error;
    }
  }
}
