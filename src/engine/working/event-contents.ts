import type { LeasedJob } from "../../store/queue.ts";
import type { EventShelf } from "../../store/shelves/events.ts";
import type { EventContent } from "../task.ts";

/** Why there is nothing to deliver. */
export type Missing = "gone" | "erased";

interface Held {
  /** How many of its jobs are in hand. */
  jobs: number;
  fetched: Promise<EventContent | Missing> | undefined;
  bytes: number;
}

/**
 * The events that jobs in hand deliver: each is fetched once, when the first of its jobs begins, and kept until the last has its
 * outcome. Their bytes count towards what the worker holds.
 */
export class EventContents {
  readonly #events: Pick<EventShelf, "get">;
  readonly #held = new Map<string, Held>();
  #bytes = 0;

  constructor(events: Pick<EventShelf, "get">) {
    this.#events = events;
  }

  /** Of the fetched payloads. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A job has come into the hand. */
  hold({ origin }: LeasedJob): void {
    const id = origin?.event;
    if (id === undefined) return;
    const held = this.#held.get(id);
    if (held) held.jobs++;
    else this.#held.set(id, { jobs: 1, fetched: undefined, bytes: 0 });
  }

  /** It has left the hand. */
  release({ origin }: LeasedJob): void {
    const held = origin?.event === undefined ? undefined : this.#held.get(origin.event);
    if (!held || --held.jobs > 0) return;
    this.#held.delete(origin?.event ?? "");
    this.#bytes -= held.bytes;
  }

  /** The event of a job in hand. Rejects when the database does not answer; the next job then asks again. */
  of(eventId: string): Promise<EventContent | Missing> {
    const held = this.#held.get(eventId);
    if (!held) return this.#fetch(eventId);
    held.fetched ??= this.#fetchFor(held, eventId);
    return held.fetched;
  }

  async #fetchFor(held: Held, eventId: string): Promise<EventContent | Missing> {
    try {
      const found = await this.#fetch(eventId);
      if (typeof found !== "string" && this.#held.get(eventId) === held) {
        held.bytes = found.payload.length;
        this.#bytes += held.bytes;
      }
      return found;
    } catch (error) {
      held.fetched = undefined;
      throw error;
    }
  }

  async #fetch(eventId: string): Promise<EventContent | Missing> {
    const event = await this.#events.get(eventId);
    if (!event) return "gone";
    const { payload } = event;
    return payload === null ? "erased" : { ...event, payload };
  }
}
