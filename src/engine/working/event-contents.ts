import type { LeasedJob } from "../../store/queue.ts";
import type { Event, EventShelf } from "../../store/shelves/events.ts";
import type { EventContent } from "../task.ts";

/** Why there is nothing to deliver. */
export type Missing = "gone" | "erased";

interface Held {
  /** How many of its jobs are in hand. */
  jobs: number;
  /** The ids of events that came in the same claim, without large ones. */
  ahead: Promise<ReadonlyMap<string, Event>> | undefined;
  fetched: Promise<EventContent | Missing> | undefined;
  bytes: number;
}

/** Events up to this size are fetched together for a whole claim. Even a full hand of them takes little memory. */
const SMALL_BYTES = 16 * 1024;

/**
 * The events that jobs in hand deliver: each is fetched once, and kept until the last of its jobs has its outcome. Small ones that
 * came in one claim are fetched together, before their jobs begin; others when the first does. Their bytes count towards what the
 * worker holds.
 */
export class EventContents {
  readonly #events: Pick<EventShelf, "get" | "getSmall">;
  readonly #held = new Map<string, Held>();
  /** Came with the claim that is being taken. */
  #fresh: [id: string, held: Held][] = [];
  #bytes = 0;

  constructor(events: Pick<EventShelf, "get" | "getSmall">) {
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
    else {
      const held = { jobs: 1, ahead: undefined, fetched: undefined, bytes: 0 };
      this.#held.set(id, held);
      this.#fresh.push([id, held]);
    }
  }

  /** All jobs of a claim have come. */
  claimed(): void {
    const fresh = this.#fresh;
    if (fresh.length === 0) return;
    this.#fresh = [];
    if (fresh.length === 1) return;
    const ahead = this.#getSmall(fresh.map(([id]) => id));
    for (const [, held] of fresh) held.ahead = ahead;
  }

  /** It has left the hand. */
  release({ origin }: LeasedJob): void {
    const held = origin?.event === undefined ? undefined : this.#held.get(origin.event);
    if (!held || --held.jobs > 0) return;
    this.#held.delete(origin?.event ?? "");
    this.#bytes -= held.bytes;
    // tables that the map has outgrown may still refer to it: see Bag
    held.ahead = undefined;
    held.fetched = undefined;
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
      const found = await this.#fetch(eventId, await held.ahead);
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

  /** What is not found is asked for again, each by itself, and reports then why. */
  async #getSmall(ids: readonly string[]): Promise<ReadonlyMap<string, Event>> {
    try {
      return new Map((await this.#events.getSmall(ids, SMALL_BYTES)).map((event) => [event.id, event]));
    } catch {
      return new Map();
    }
  }

  async #fetch(eventId: string, ahead?: ReadonlyMap<string, Event>): Promise<EventContent | Missing> {
    const event = ahead?.get(eventId) ?? (await this.#events.get(eventId));
    if (!event) return "gone";
    const { payload } = event;
    return payload === null ? "erased" : { ...event, payload };
  }
}
