/** What may stand in a column. A database keeps some of them in its own way; a record of an export holds them as JSON does. */
export type Kind =
  | "text"
  | "name"
  | "json"
  | "time"
  | "count"
  | "flag"
  | "bytes"
  | "job_id"
  | "event_id"
  | readonly string[];

/** `Value` is what is read from it and written to it. */
export interface Column<Value> {
  readonly kind: Kind;
  readonly isNullable: boolean;
  /** Never present; carries the type. */
  readonly value?: Value;
}

function column<Value>(kind: Kind): Column<Value> {
  return { kind, isNullable: false };
}

export const text = column<string>("text");
/** Text that is never empty. */
export const name = column<string>("name");
/** The text of JSON, kept as it was written. */
export const json = column<string>("json");
/** Milliseconds since the epoch. */
export const time = column<number>("time");
export const count = column<number>("count");
export const flag = column<boolean>("flag");
/** In an export they are base64. */
export const bytes = column<Uint8Array>("bytes");
/** The ids of a job and an event as the API shows them. */
export const jobId = column<string>("job_id");
export const eventId = column<string>("event_id");

export function oneOf<const Word extends string>(...words: readonly Word[]): Column<Word> {
  return column(words);
}

export function nullable<Value>(of: Column<Value>): Column<Value | null> {
  return { kind: of.kind, isNullable: true };
}
