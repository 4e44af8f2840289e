import type { ComponentChildren } from "preact";

/** What one column of a table shows of each row. */
export interface Column<Row> {
  /** Empty for one whose cells speak for themselves, such as buttons. */
  readonly name: string;
  /** To the right, with digits of one width. */
  readonly isNumber?: boolean;
  /** Takes what room there is, and is cut off if that is too little. */
  readonly isLong?: boolean;
  /** Said before the cell where there is no room for the head. */
  readonly label?: string;
  cell(row: Row): ComponentChildren;
}

interface TableProps<Row> {
  /** For those who cannot see the table. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

function classOf<Row>({ name, isNumber, isLong }: Column<Row>): string | undefined {
  if (name === "") return "does";
  return isNumber ? "number" : isLong ? "long" : undefined;
}

/** Rows with a head over them. Where it is narrow, each row stands by itself, see the style sheet. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <table class="rows">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ name, isNumber }) => (
            <th key={name} scope="col" class={isNumber ? "number" : undefined}>
              {name === "" ? <span class="unseen">Actions</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-row>
            {columns.map((column) => (
              <td key={column.name} class={classOf(column)} data-label={column.label}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
