/** What a parameter may be. Lists are given as the text of an array, see `arrayOf`: every driver passes that on as it is. */
export type Value = string | number | boolean | null;

/** SQL that a connection prepares once. `Row` names the columns that it selects or returns. */
export interface Statement<Row = never> {
  readonly name: string;
  readonly text: string;
  /** How long its answer is waited for, where that is less than for all statements. */
  readonly patienceMs?: number;
  /** Never present; carries the type. */
  readonly row?: Row;
}

/** Where statements run: a transaction of ours, or of a caller's. Those sent without waiting run in the order they were sent. */
export interface Session {
  run<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<Row[]>;
}

/** The transaction itself throws what fails in it; until then, nobody may be awaiting this answer. */
export function heard<Answer>(answering: Promise<Answer>): Promise<Answer> {
  answering.catch(() => {});
  return answering;
}

let statements = 0;

export function statement<Row = never>(text: string): Statement<Row> {
  statements++;
  return { name: `posthorn_${statements}`, text };
}

/** A statement that touches a row or two: a server that does not answer it soon is gone. */
export function quickStatement<Row = never>(text: string): Statement<Row> {
  return { ...statement<Row>(text), patienceMs: 5_000 };
}

/** A statement whose SQL is put together for the occasion: planned again each time, with the values in it. */
export function adHoc<Row>(text: string): Statement<Row> {
  return { name: "", text };
}

/** The text of a PostgreSQL array, for `= any ($1::text[])` and the like. */
export function arrayOf(values: readonly NonNullable<Value>[]): string {
  return columnOf(values, (value) => value);
}

/**
 * The text of one of the arrays that an `unnest` puts side by side. It fills up with nulls those that are shorter, so nulls at
 * the end are left out, and a column of nulls costs next to nothing. One of its columns has to be without nulls, or rows are lost.
 */
export function columnOf<Item>(items: readonly Item[], pick: (item: Item) => Value): string {
  let text = "";
  let nulls = 0;
  let last: Value = null;
  let lastText = "";
  for (const item of items) {
    const value = pick(item);
    if (value === null) {
      nulls++;
      continue;
    }
    for (; nulls > 0; nulls--) text += text === "" ? "null" : ",null";
    if (text !== "") text += ",";
    if (value !== last) {
      last = value;
      lastText = typeof value === "string" ? quoted(value) : String(value); // numbers, true and false stand as they are
    }
    text += lastText;
  }
  return `{${text}}`;
}

function quoted(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return `"${value}"`;
  const text = value.includes("\\") ? value.replaceAll("\\", "\\\\") : value;
  return `"${text.replaceAll('"', '\\"')}"`;
}

const NEEDS_ESCAPE = /["\\]/;

/** Receivers' answers may contain NUL, the one character that PostgreSQL text cannot store. */
export function storable(text: string): string;
export function storable(text: string | null): string | null;
export function storable(text: string | null): string | null {
  return text?.includes("\0") ? text.replaceAll("\0", "\ufffd") : text;
}

/** JSON for `$1::json`, with every character that PostgreSQL's text cannot hold replaced. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "string" ? storable(part) : part));
}
