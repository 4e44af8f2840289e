/** In characters. A single row that is larger is a page by itself. */
const LONGEST_PAGE = 4 * 1_048_576;

/** The first rows of a page, as many as have room in one answer; the others are for the next page. */
export function pageOf<Row>(rows: readonly Row[], limit: number, lengthOf: (row: Row) => number): Row[] {
  const page: Row[] = [];
  let length = 0;
  for (const row of rows.slice(0, limit)) {
    length += lengthOf(row);
    if (page.length > 0 && length > LONGEST_PAGE) break;
    page.push(row);
  }
  return page;
}
