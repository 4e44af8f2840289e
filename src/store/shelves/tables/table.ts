import type { Column, Kind } from "./column.ts";
import { Statement, type StatementOptions, type Value } from "./session.ts";

export type Columns = Readonly<Record<string, Column<Value>>>;
type ValueOf<Of> = Of extends Column<infer Kept> ? Kept : never;
type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;
/** JSON has no bytes: there they are text. */
type Recorded<Kept> = Kept extends Uint8Array ? string : Kept;
type Records<C> = { readonly [Name in keyof C]: Recorded<ValueOf<C[Name]>> };
type Fields<C> = { readonly [Name in keyof C as Camel<Name>]: ValueOf<C[Name]> };

/** A row as an export holds it: named as the columns are. */
export type RecordOf<Of> = Of extends Table<infer C> ? Records<C> : never;
/** A row as the code works with it: the column `created_at` is its `createdAt`. */
export type FieldsOf<Of> = Of extends Table<infer C> ? Fields<C> : never;

/** What one has to know of a table in order to read and write whole rows of it. */
export interface Described {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: Columns;
  readonly insertion: string;
}

/**
 * A table as it is in both databases: its statements, the export, the import and the check of imported lines all go by this.
 *
 * @example
 * const NOTES = new Table("notes", ["id"], { id: name, text, deleted_at: nullable(time) });
 * const FIND = NOTES.statement(`select ${NOTES.fields} from posthorn.notes where id = ?`);
 */
export class Table<C extends Columns> implements Described {
  readonly name: string;
  /** An export is in their order; those of keys of one column are texts. */
  readonly key: readonly (keyof C & string)[];
  readonly columns: C;
  /** To be selected: the columns named as fields, `created_at as "createdAt"`. */
  readonly fields: string;
  /** `insert into … values (…)`, for what `valuesOf` gives. */
  readonly insertion: string;
  /** What `valuesOf` gives. */
  readonly kinds: readonly Kind[];
  readonly #names: readonly (keyof C & string)[];
  readonly #gives: ReadonlyMap<string, Kind>;

  constructor(name: string, key: readonly (keyof C & string)[], columns: C) {
    this.name = name;
    this.key = key;
    this.columns = columns;
    this.#names = Object.keys(columns);
    this.kinds = Object.values(columns).map(({ kind }) => kind);
    this.#gives = new Map(Object.entries(columns).map(([each, { kind }]) => [camel(each), kind]));
    this.fields = this.#names
      .map((each) => (each === camel(each) ? each : `${each} as "${camel(each)}"`))
      .join(", ");
    this.insertion = `
      insert into posthorn.${name} (${this.#names.join(", ")})
      values (${this.#names.map(() => "?").join(", ")})`;
  }

  /** One whose rows, if it gives any, are `fields`. */
  statement(sql: string, options: Omit<StatementOptions, "gives"> = {}): Statement<Fields<C>> {
    return new Statement(sql, { gives: this.#gives, ...options });
  }

  /** `insertion` that does nothing unless the condition holds. */
  insertionWhere(condition: string): string {
    return `
      insert into posthorn.${this.name} (${this.#names.join(", ")})
      select ${this.#names.map(() => "?").join(", ")}
      where ${condition}`;
  }

  /** In the order of the columns: of all, or of these. */
  valuesOf(row: Fields<C>, columns: readonly (keyof C & string)[] = this.#names): Value[] {
    const fields = row as Readonly<Record<string, Value>>; // a field for each column
    return columns.map((each) => fields[camel(each)] ?? null);
  }
}

function camel(column: string): string {
  return column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
