import type { Clock } from "../../core/clock.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { Lanes } from "../lanes/lanes.ts";
import { UNKNOWN_REST_MS } from "./bounds.ts";
import type { Excess } from "./excess.ts";
import type { Hand } from "./hand.ts";

interface Parts {
  readonly hand: Pick<Hand, "waiting">;
  readonly lanes: Lanes;
  readonly excess: Excess;
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly wake: () => void;
  readonly isHandled: (task: string) => boolean;
}

/**
 * Another release, or another program, may know the tasks that are missing here: their jobs cost no attempt, and wait. Only
 * they go back. Were all of their lane to, two programs that share a lane could give back forever what the other knows.
 */
export class MissingTasks {
  readonly #parts: Parts;
  /** Those that were told of. */
  readonly #told = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The task is handled here from now on. */
  found(task: string): void {
    if (this.#told.delete(task)) this.#parts.lanes.returnToAll();
  }

  /** Gives back the waiting jobs of missing tasks. */
  leaveToOthers(): void {
    const { hand, lanes, excess, clock, instrument, wake, isHandled } = this.#parts;
    const isUnknown = ({ task }: LeasedJob) => !isHandled(task);
    const known = new Set(hand.waiting.filter((job) => !isUnknown(job)).map(({ lane }) => lane));
    for (const { task, lane } of hand.waiting.filter(isUnknown)) {
      // behind those that are known there may be more of them
      if (!known.has(lane)) lanes.leave(lane, clock.now() + UNKNOWN_REST_MS);
      if (this.#told.has(task)) continue;
      this.#told.add(task);
      instrument["task.missing"].publish({ task });
    }
    clock.after(UNKNOWN_REST_MS + 1, wake);
    excess.all(isUnknown);
  }
}
