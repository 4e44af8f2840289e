import type { Abortable } from "../core/abortable.ts";
import type { AttemptClass, Outcome } from "../core/outcome.ts";
import type { Traced } from "../observe/traces/attempt-span.ts";
import type { ClientCertificate } from "./auth/client-certificate.ts";

/**
 * A kind of place to deliver to: HTTP is the first. Whatever is particular to one kind is behind this; the task, the engine and the
 * stores know no more of an attempt than an `Outcome` says: its `code`, `class` and `excerpt`.
 *
 * `Target` is the exact place, read from its URL; `Result` is what came of sending, in terms that only its own `judge` reads.
 */
export interface Destination<Target = unknown, Result = unknown> {
  /** Stored with each delivery that is not for the first destination. */
  readonly kind: string;
  /** Schemes of the URLs that name its targets, with their colons: `https:`. */
  readonly schemes: readonly string[];
  /** Headers of every message, unless the delivery has its own of these names. In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Checks the form of a target's URL, not where it leads.
   * @throws InvalidInputError, path `["targetUrl"]`.
   */
  read(targetUrl: string): Target;
  /**
   * The same, and whether it may be delivered to now. It must be guarded again when it is sent to.
   * @throws InvalidInputError, path `["targetUrl"]`, at once or later.
   */
  admit(targetUrl: string): Target | Promise<Target>;
  /** The lane of deliveries to this target: at most 256 characters, free of secrets. */
  lane(target: Target): string;
  /** Never rejects: a failure is a result too. */
  send(message: Message): Promise<Result>;
  /** Asks, before anything is sent, whether `origin` may; why not, or undefined. Absent where there is nothing to ask. */
  handshake?(targetUrl: string, origin: string, attempt: Abortable, way?: Way): Promise<string | undefined>;
  /** Sends what is not a delivery, and gives the answer: how access tokens are asked for. Absent where there is nobody to ask. */
  ask?(message: Message): Promise<Asked>;
  /** The outcome of the attempt. Errors and excerpt are kept and shown, so they hold no secrets of ours. */
  judge(result: Result, targetUrl: string, now: number): Outcome;
  /** Ends what is still running, and releases what it holds. */
  close(): Promise<void>;
}

/** The answer to what is not a delivery, with the start of its body; or what went wrong, for people, free of secrets. */
export type Asked =
  | { readonly kind: "answered"; readonly status: number; readonly excerpt: string }
  | { readonly kind: "broken"; readonly error: string; readonly class: AttemptClass };

/** One webhook on its way, signed. */
export interface Message {
  readonly targetUrl: string;
  /** The destination's own, the delivery's, and those of Standard Webhooks. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is; a string as UTF-8. */
  readonly payload: string | Uint8Array;
  /** Aborted, it ends at any stage; this is the only limit on its time. The message of the reason is for people to read. */
  readonly attempt: Abortable & Traced;
  /** Absent for most. */
  readonly way?: Way;
}

/** How a message reaches its receiver, if not in the usual way. */
export interface Way {
  /** Shown to the receiver where the connection begins. */
  readonly certificate?: ClientCertificate | undefined;
  /** The name of the operator's egress proxy. */
  readonly egress?: string | undefined;
}

/** All destinations. */
export class Destinations {
  readonly #first: Destination;
  readonly #byKind = new Map<string, Destination>();
  readonly #byScheme = new Map<string, Destination>();

  constructor(first: Destination, ...others: readonly Destination[]) {
    this.#first = first;
    for (const destination of [first, ...others]) {
      this.#byKind.set(destination.kind, destination);
      for (const scheme of destination.schemes) this.#byScheme.set(scheme, destination);
    }
  }

  /** The one that a target's URL names; if it names none, the first, which reports what is wrong. */
  ofUrl(targetUrl: string): Destination {
    const scheme = targetUrl.slice(0, targetUrl.indexOf(":") + 1);
    return this.#byScheme.get(scheme) ?? this.#byScheme.get(scheme.toLowerCase()) ?? this.#first;
  }

  /** @param kind as `kindToKeep` gave it. */
  ofKind(kind: string | undefined): Destination {
    if (kind === undefined) return this.#first;
    const found = this.#byKind.get(kind);
    if (!found) throw new Error(`this process does not deliver to destinations of the kind ${kind}`);
    return found;
  }

  /** Undefined for the first: most deliveries are for it, and need not say so. */
  kindToKeep(destination: Destination): string | undefined {
    return destination === this.#first ? undefined : destination.kind;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#byKind.values()].map((destination) => destination.close()));
  }
}
