import { type Json, parseExactly } from "../../../core/json/exact-json.ts";
import { patternsThatWant } from "./event-type-patterns.ts";

/** An event while it is compared with endpoints: what all comparisons need is worked out once. */
export class EventToMatch {
  /** Every pattern that wants its type. */
  readonly patterns: ReadonlySet<string>;
  readonly channels: ReadonlySet<string>;
  readonly #payload: string | Uint8Array;
  #parsed: { readonly json: Json | undefined } | undefined;

  /** @param payload as it arrived. It is read only when an endpoint filters on it. */
  constructor(event: {
    readonly type: string;
    readonly channels: readonly string[] | null;
    readonly payload: string | Uint8Array;
  }) {
    this.patterns = patternsThatWant(event.type);
    this.channels = new Set(event.channels);
    this.#payload = event.payload;
  }

  /** Undefined when the payload is not JSON. */
  get json(): Json | undefined {
    this.#parsed ??= { json: read(this.#payload) };
    return this.#parsed.json;
  }
}

/** JSON between systems is UTF-8 without a byte order mark, RFC 8259 §8.1. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function read(payload: string | Uint8Array): Json | undefined {
  try {
    return parseExactly(typeof payload === "string" ? payload : utf8.decode(payload));
  } catch {
    return undefined;
  }
}
