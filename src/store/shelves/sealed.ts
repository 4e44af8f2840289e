import { firstIdAt } from "../../core/id.ts";
import type { Kind } from "./tables/column.ts";
import type { Session } from "./tables/session.ts";
import { Statement } from "./tables/session.ts";

/** Everything that is stored encrypted, table by table, so that it can be re-encrypted with another key. */
export interface SealedShelf {
  /** Texts of one place, those of the rows after a key, in its order, until none is left. Some may hold nothing sealed. */
  list(place: SealedPlace, after: string | null, limit: number): Promise<SealedText[]>;
  /** Puts other texts there, in one transaction: each where the one that was read still stands. */
  replace(place: SealedPlace, changes: readonly SealedChange[]): Promise<void>;
}

export type SealedPlace = keyof typeof PLACES;

export interface SealedText {
  /** Of its row. */
  readonly key: string;
  readonly text: string | null;
}

export interface SealedChange {
  readonly was: SealedText;
  readonly text: string;
}

interface Place {
  readonly list: Statement<SealedText>;
  readonly replace: Statement<SealedText>;
  /** Before the keys of all rows. */
  readonly first: string;
}

interface PlaceOptions {
  readonly kind?: Extract<Kind, "text" | "job_id" | "event_id">;
  /** What else is set. */
  readonly moves?: string;
}

function place(
  table: string,
  key: string,
  column: string,
  { kind = "text", moves = "" }: PlaceOptions = {},
): Place {
  const from = `posthorn.${table}`;
  const first = kind === "text" ? "" : firstIdAt(kind === "job_id" ? "job" : "msg", 0);
  return {
    first,
    list: new Statement(
      `
      select ${key} as key, ${column} as text
      from ${from}
      where ${key} > ?
      order by ${key}
      limit ?`,
      { gives: new Map([["key", kind]]), takes: [kind] },
    ),
    replace: new Statement(`update ${from} set ${column} = ?${moves} where ${key} = ? and ${column} = ?`, {
      gives: new Map(),
      takes: ["text", kind],
    }),
  };
}

// a process that read the endpoint before, and would write all of it, has to read it again
const MOVES = { moves: ", revision = revision + 1" };

const PLACES = {
  secrets: place("secrets", "name", "sealed"),
  endpointSecrets: place("endpoints", "id", "secrets", MOVES),
  endpointHeaders: place("endpoints", "id", "headers", MOVES),
  endpointAuth: place("endpoints", "id", "auth", MOVES),
  accessTokens: place("access_tokens", "endpoint", "token"),
  eventHeaders: place("events", "id", "headers", { kind: "event_id" }),
  jobOptions: place("jobs", "id", "options", { kind: "job_id" }),
} as const;

export class Sealed implements SealedShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  list(name: SealedPlace, after: string | null, limit: number): Promise<SealedText[]> {
    const { list, first } = PLACES[name];
    return this.#session.read(list.with(after ?? first, limit));
  }

  async replace(name: SealedPlace, changes: readonly SealedChange[]): Promise<void> {
    const { replace } = PLACES[name];
    await this.#session.write(...changes.map(({ was, text }) => replace.with(text, was.key, was.text)));
  }
}
