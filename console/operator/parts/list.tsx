import type { ComponentChildren } from "preact";
import { type Column, Table } from "../../kit/table.tsx";
import { Loading, Trouble } from "./marks.tsx";
import { Pager } from "./pager.tsx";

interface ListProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** What the server said last. */
  readonly asked: { readonly data: ListPage<Row> | undefined; readonly error: Error | undefined };
  /** Shown instead of a table without rows. */
  readonly empty: ComponentChildren;
  /** The same address with another cursor; undefined for a list that has one page. */
  readonly linkWith?: (changes: Readonly<Record<string, string | undefined>>) => string;
}

interface ListPage<Row> {
  readonly data: readonly Row[];
  /** More may be found on the next page, even if this one is empty. */
  readonly next_cursor?: string | null;
  readonly prev_cursor?: string | null;
  readonly searched_to?: string | null;
}

/** A list of the API: what is asked for, what is there, what went wrong, and the pages before and after. */
export function List<Row>({ caption, columns, keyOf, asked, empty, linkWith }: ListProps<Row>) {
  const { data: page, error } = asked;
  const isEmpty = page?.data.length === 0 && !page.next_cursor;
  return (
    <>
      <Trouble error={error} />
      {!page && !error && <Loading />}
      {isEmpty && empty}
      {page && page.data.length > 0 && (
        <Table caption={caption} columns={columns} rows={page.data} keyOf={keyOf} />
      )}
      {page && linkWith && (
        <Pager
          next={page.next_cursor}
          previous={page.prev_cursor}
          searchedTo={page.searched_to}
          linkWith={linkWith}
        />
      )}
    </>
  );
}
