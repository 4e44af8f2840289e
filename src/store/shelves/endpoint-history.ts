import { count, json, name, nullable, text, time } from "./tables/column.ts";
import type { Call } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** What an endpoint's changes changed, each under the revision that it made. */
export const ENDPOINT_HISTORY = new Table("endpoint_history", ["endpoint", "revision"], {
  endpoint: name,
  revision: count,
  tenant: name,
  at: time,
  actor: nullable(text),
  reason: nullable(text),
  /** An object: for each field that changed, a list of the value before and the value after. No secrets. */
  change: json,
});

export type EndpointChange = FieldsOf<typeof ENDPOINT_HISTORY>;

/** Who changed something, and why; null where nobody said. */
export interface ChangedBy {
  readonly actor: string | null;
  readonly reason: string | null;
}

/** One page of an endpoint's history, newest first. */
export interface HistoryPage {
  /** How many at most. */
  readonly limit: number;
  /** Only changes before this revision. */
  readonly before?: number | undefined;
}

/** How many changes of an endpoint are kept: the newest. */
const KEPT = 100;

const LIST = ENDPOINT_HISTORY.statement(`
  select ${ENDPOINT_HISTORY.fields}
  from posthorn.endpoint_history
  where endpoint = ? and tenant = ? and revision < ?
  order by revision desc
  limit ?`);

// of the change that a statement before it in the transaction has made, if it has
const RECORD = ENDPOINT_HISTORY.statement(`
  insert into posthorn.endpoint_history (endpoint, revision, tenant, at, actor, reason, change)
  select id, revision, tenant, ?, ?, ?, ?
  from posthorn.endpoints
  where id = ? and tenant = ? and revision = ?
  on conflict (endpoint, revision) do nothing`);

const RECORD_REMOVAL = ENDPOINT_HISTORY.statement(`
  insert into posthorn.endpoint_history (endpoint, revision, tenant, at, actor, reason, change)
  select id, revision, tenant, deleted_at, ?, ?, ?
  from posthorn.endpoints
  where id = ? and tenant = ? and deleted_at = ?
  on conflict (endpoint, revision) do nothing`);

const RECORD_NOTE = ENDPOINT_HISTORY.statement(`
  insert into posthorn.endpoint_history (endpoint, revision, tenant, at, actor, reason, change)
  select id, revision, tenant, ?, ?, ?, ?
  from posthorn.endpoints
  where id = ? and tenant = ? and deleted_at is null
  on conflict (endpoint, revision) do nothing`);

const FORGET_BEFORE = ENDPOINT_HISTORY.statement(`
  delete from posthorn.endpoint_history
  where endpoint = ? and revision <= (select revision from posthorn.endpoints where id = ?) - ${KEPT}`);

const FORGET = ENDPOINT_HISTORY.statement(`
  delete from posthorn.endpoint_history
  where endpoint = ? and revision <= ?`);

export function listing(tenant: string, endpoint: string, { limit, before }: HistoryPage) {
  return LIST.with(endpoint, tenant, before ?? Number.MAX_SAFE_INTEGER, limit);
}

/** Records a change, if the endpoint has reached its revision, and deletes changes that are too old. */
export function recording(change: EndpointChange): readonly Call<EndpointChange>[] {
  const { endpoint, revision, tenant, at, actor, reason } = change;
  return [
    RECORD.with(at, actor, reason, change.change, endpoint, tenant, revision),
    FORGET.with(endpoint, revision - KEPT),
  ];
}

/** Records something under the revision that the endpoint has now; and forgets what is too old. */
export function noting(note: Omit<EndpointChange, "revision">): readonly Call<EndpointChange>[] {
  const { endpoint, tenant, at, actor, reason, change } = note;
  return [
    RECORD_NOTE.with(at, actor, reason, change, endpoint, tenant),
    FORGET_BEFORE.with(endpoint, endpoint),
  ];
}

/** Records that an endpoint was deleted at that moment, if it was. */
export function recordingRemoval(tenant: string, endpoint: string, by: ChangedBy, now: number) {
  const change = JSON.stringify({ deleted_at: [null, now] });
  return RECORD_REMOVAL.with(by.actor, by.reason, change, endpoint, tenant, now);
}
