const ITEMS = ["tea", "coffee", "cocoa"];
const FIRST_ORDER = Date.UTC(2026, 0, 1);
const amounts = new Intl.NumberFormat("en", { minimumFractionDigits: 2, useGrouping: false });

/** Lines of CSV for so many orders from this id on: in place of a database that holds millions of them. */
export function orderRows(firstId: number, count: number): string {
  let lines = "";
  for (let id = firstId; id < firstId + count; id++) {
    const placedAt = new Date(FIRST_ORDER + id * 1_000).toISOString();
    lines += `${id},${placedAt},${ITEMS[id % ITEMS.length]},${amounts.format((id % 9_000) / 100)}\n`;
  }
  return lines;
}
