import type pg from "pg";
import { DAY_MS } from "../../../core/duration.ts";
import { NOW } from "../../test-kit/store-under-test.ts";
import { boundsOf, dayOf, type Span, suffixOf } from "../partitions/partition-bounds.ts";
import { PARTITIONED } from "../partitions/partitions.ts";

const startOf = (n: number) => dayOf(NOW) + n * DAY_MS;

/** What the partitions of a day are named by, so many days from today. */
export function dayName(n: number): string {
  return suffixOf({ from: startOf(n), to: startOf(n + 1) });
}

/** What the partitions of a table are named by, in the order of the names. */
export async function partitionNames(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query(
    "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by 1",
    [`posthorn.${table}`],
  );
  return rows.map(({ name }) => name.slice(table.length + 1));
}

/** As if the store had been in use since: cuts `past`, which is empty, into days from the one to the other. */
export async function cutDays(client: pg.Client, first: number, last: number): Promise<void> {
  const spans: Span[] = [{ from: Number.NEGATIVE_INFINITY, to: startOf(first) }];
  for (let n = first; n <= last; n++) spans.push({ from: startOf(n), to: startOf(n + 1) });
  if (last < -1) spans.push({ from: startOf(last + 1), to: startOf(0) });
  for (const table of PARTITIONED) {
    await client.query(`drop table posthorn.${table}_past`);
    for (const span of spans) await client.query(createPartition(table, span));
  }
}

export function createPartition(table: string, span: Span): string {
  return `create table posthorn.${table}_${suffixOf(span)} partition of posthorn.${table} for values ${boundsOf(span)}`;
}
