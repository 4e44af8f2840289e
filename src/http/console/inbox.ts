import type { Clock } from "../../core/clock.ts";
import { isId } from "../../core/id.ts";
import { VerificationError, verify } from "../../receiver/verify.ts";
import { rfc3339 } from "../answer/rfc3339.ts";

/**
 * What an inbox does with what comes: takes it; answers 500 twice and then takes it; answers 500 always; asks for a pause with 429; says
 * that it is gone; never answers; drops the connection.
 */
export const FAULTS = ["none", "fail_twice", "fail", "slow_down", "gone", "hang", "drop"] as const;
export type Fault = (typeof FAULTS)[number];

export interface InboxMessage {
  readonly n: number;
  readonly at: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The first 64 KiB. */
  readonly body: string;
  readonly webhook_id: string | null;
  readonly signature: "verified" | string;
  /** What it was answered; null for none. */
  readonly answered: number | null;
}

export interface InboxState {
  readonly fault: Fault;
  /** Newest first. */
  readonly messages: readonly InboxMessage[];
}

/** The part of a request that is used here. */
export interface Arrival {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const MOST_NAMES = 20;
const MOST_MESSAGES = 50;
const LONGEST_BODY = 65_536;

interface Box {
  fault: Fault;
  /** Attempts that were failed on purpose, by webhook-id. */
  failed: Map<string, number>;
  arrived: number;
  messages: InboxMessage[];
}

/** Events are signed with the secret of the endpoint that they go to. */
const OWN_SECRET = "signed with its endpoint's own secret, which this inbox does not have";

/** A receiver without a second program, in memory, for trying out Posthorn. */
export class Inbox {
  readonly #secret: string;
  readonly #clock: Clock;
  readonly #boxes = new Map<string, Box>();

  /** @param secret that deliveries are signed with unless they have their own. */
  constructor(secret: string, clock: Clock) {
    this.#secret = secret;
    this.#clock = clock;
  }

  state(name: string): InboxState {
    const { fault, messages } = this.#box(name);
    return { fault, messages };
  }

  /** From now on it does this. */
  become(name: string, fault: Fault): void {
    Object.assign(this.#box(name), { fault, failed: new Map() });
  }

  /** Keeps a delivery, and returns what to answer: a status, or no answer at all. */
  receive(name: string, { method, headers, body }: Arrival): number | "hang" | "drop" {
    const box = this.#box(name);
    const id = headers["webhook-id"] ?? null;
    const answer = this.#answerTo(box, id ?? "");
    box.messages.unshift({
      n: ++box.arrived,
      at: rfc3339(this.#clock.now()),
      method,
      headers,
      body: body.slice(0, LONGEST_BODY),
      webhook_id: id,
      signature: this.#signature(headers, body),
      answered: typeof answer === "number" ? answer : null,
    });
    box.messages.length = Math.min(box.messages.length, MOST_MESSAGES);
    return answer;
  }

  #answerTo(box: Box, id: string): number | "hang" | "drop" {
    switch (box.fault) {
      case "none":
        return 200;
      case "fail_twice": {
        const failed = box.failed.get(id) ?? 0;
        box.failed.set(id, failed + 1);
        return failed < 2 ? 500 : 200;
      }
      case "fail":
        return 500;
      case "slow_down":
        return 429;
      case "gone":
        return 410;
      case "hang":
      case "drop":
        return box.fault;
    }
  }

  #signature(headers: Readonly<Record<string, string>>, body: string): string {
    try {
      verify(body, headers, this.#secret, { now: this.#clock.now() });
      return "verified";
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      return isId("msg", headers["webhook-id"] ?? "") ? OWN_SECRET : error.message;
    }
  }

  #box(name: string): Box {
    const known = this.#boxes.get(name);
    if (known) return known;
    const [oldest] = this.#boxes.keys();
    if (this.#boxes.size >= MOST_NAMES && oldest !== undefined) this.#boxes.delete(oldest);
    const made: Box = { fault: "none", failed: new Map(), arrived: 0, messages: [] };
    this.#boxes.set(name, made);
    return made;
  }
}
