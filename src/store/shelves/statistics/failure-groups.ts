import { setImmediate as nextTurn } from "node:timers/promises";
import type { Reach } from "../../../core/reach.ts";
import { count, name, nullable, oneOf, text, time } from "../tables/column.ts";
import type { KeyPage, Slice } from "../tables/keyset.ts";
import { audited, type Call, type Session, type Value } from "../tables/session.ts";
import { type FieldsOf, Table } from "../tables/table.ts";
import { NOT_DELETED } from "../tenants.ts";
import { countingHour } from "./failure-hours.ts";

/** Groups of similar failures. They are not exported. */
export interface FailureGroupShelf {
  /**
   * Adds these to the groups that exist, and to the hours of their last failures; each group at most once. A resolved group opens again.
   * Failures of a deleted tenant are left out.
   */
  add(some: readonly FailedAlike[]): Promise<void>;
  get(fingerprint: string, reach?: Reach): Promise<FailureGroup | undefined>;
  /** Those that failed last come first. */
  list(page: FailurePage): Promise<Slice<FailureGroup>>;
  /**
   * Sets state and note, if it is still in the state `was`.
   * @param audit the entry of the audit.
   */
  change(
    group: Pick<FailureGroup, "fingerprint" | "state" | "note">,
    was: FailureGroup["state"],
    audit?: Call<unknown>,
  ): Promise<FailureGroup | undefined>;
  /** Deletes at most `limit` groups without a failure since this time. Returns how many. */
  prune(before: number, limit: number): Promise<number>;
  /** Forgets at most `limit` of what there is besides the `most` that failed last, the oldest first; how many. */
  pruneBeyond(most: number, limit: number): Promise<number>;
}

const FAILURE_GROUPS = new Table("failure_groups", ["fingerprint"], {
  fingerprint: name,
  task: name,
  lane: text,
  /** The id of the tenant that their jobs belong to. */
  tenant: nullable(name),
  class: nullable(name),
  /** The error of the last attempt, and its job. */
  sample: text,
  sample_job: name,
  first_at: time,
  last_at: time,
  /** Of all that time. */
  n: count,
  state: oneOf("open", "acknowledged", "resolved"),
  /** How many there were when its state was set. */
  seen_n: count,
  note: nullable(text),
});

export type FailureGroup = FieldsOf<typeof FAILURE_GROUPS>;
/** What a process adds. */
export type FailedAlike = Omit<FailureGroup, "state" | "seenN" | "note">;

/** Of the groups that meet every given condition. `after` and `before` are of `cursorOf`. */
export interface FailurePage extends Omit<KeyPage, "order">, Reach {
  readonly task?: string | undefined;
  readonly lane?: string | undefined;
  readonly state?: FailureGroup["state"] | undefined;
  readonly class?: string | undefined;
  /** That failed at or after. */
  readonly since?: number | undefined;
  /** That failed first at or after. */
  readonly firstSince?: number | undefined;
  /** Whose sample fits. */
  readonly fits?: ((sample: string) => boolean) | undefined;
}

const IS_LATER = "excluded.last_at >= failure_groups.last_at";

// written a moment after the failure, they must not bring back what was erased meanwhile
const ADD = FAILURE_GROUPS.statement(
  `
  ${FAILURE_GROUPS.insertionWhere(NOT_DELETED)}
  on conflict (fingerprint) do update
  set n = failure_groups.n + excluded.n,
    first_at = case when excluded.first_at < failure_groups.first_at then excluded.first_at else failure_groups.first_at end,
    last_at = case when ${IS_LATER} then excluded.last_at else failure_groups.last_at end,
    sample = case when ${IS_LATER} then excluded.sample else failure_groups.sample end,
    sample_job = case when ${IS_LATER} then excluded.sample_job else failure_groups.sample_job end,
    state = case
      when failure_groups.state = 'resolved' then 'open'
      when failure_groups.n + excluded.n >= 2 * failure_groups.seen_n then 'open'
      else failure_groups.state
    end`,
  { mayBeLost: true },
);

const IN_MODE = `(
      cast(? as text) is null
      or exists (select 1 from posthorn.tenants t where t.id = failure_groups.tenant and t.mode = ?)
    )`;

const GET = FAILURE_GROUPS.statement(`
  select ${FAILURE_GROUPS.fields}
  from posthorn.failure_groups
  where fingerprint = ? and (cast(? as text) is null or tenant = ?) and ${IN_MODE}`);

// a new note leaves an acknowledged group's failures counted from when it was acknowledged
const CHANGE = FAILURE_GROUPS.statement(`
  update posthorn.failure_groups
  set state = ?, note = ?, seen_n = case when state = ? then seen_n else n end
  where fingerprint = ? and state = ?
  returning ${FAILURE_GROUPS.fields}`);

const PRUNE = FAILURE_GROUPS.statement(`
  delete from posthorn.failure_groups
  where fingerprint in (select fingerprint from posthorn.failure_groups where last_at < ? order by last_at limit ?)
  returning fingerprint`);

const LAST_KEPT = FAILURE_GROUPS.statement(`
  select last_at as "lastAt"
  from posthorn.failure_groups
  order by last_at desc
  limit 1 offset ?`);

/**
 * The groups in the order of their last failures, from a place towards older or younger ones, all of them or those of one tenant, each in
 * an index of its own. A step looks at no more than this many, however few of them meet the conditions.
 */
function walk(towards: "older" | "younger", of: "" | "tenant = ? and ") {
  const [comparison, upTo, order] = towards === "older" ? ["<", ">=", "desc"] : [">", "<=", "asc"];
  const farthest = FAILURE_GROUPS.statement(`
    select ${FAILURE_GROUPS.fields}
    from posthorn.failure_groups
    where ${of}(last_at, fingerprint) ${comparison} (?, ?)
    order by last_at ${order}, fingerprint ${order}
    limit 1 offset ?`);
  const found = FAILURE_GROUPS.statement(`
    select ${FAILURE_GROUPS.fields}
    from posthorn.failure_groups
    where ${of}(last_at, fingerprint) ${comparison} (?, ?) and (last_at, fingerprint) ${upTo} (?, ?)
      and last_at >= ?
      and first_at >= ?
      and task = coalesce(?, task)
      and lane = coalesce(?, lane)
      and state = coalesce(?, state)
      and (cast(? as text) is null or class = ?)
      and ${IN_MODE}
    order by last_at ${order}, fingerprint ${order}
    limit ?`);
  return { farthest, found };
}

const WALKS = {
  all: { older: walk("older", ""), younger: walk("younger", "") },
  tenants: { older: walk("older", "tenant = ? and "), younger: walk("younger", "tenant = ? and ") },
};

/** Few enough that a step takes about a millisecond. */
const LOOKED_AT_ONCE = 500;

type Place = readonly [lastAt: number, fingerprint: string];
/** Before the youngest, and after the oldest. */
const FIRST: Place = [Number.MAX_SAFE_INTEGER, ""];
const LAST: Place = [-1, ""];

/** Where a group stands in the list. */
export function cursorOf({ lastAt, fingerprint }: FailureGroup): string {
  return `${lastAt}_${fingerprint}`;
}

export class FailureGroups implements FailureGroupShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(some: readonly FailedAlike[]): Promise<void> {
    // in one order in every process, or two of them could wait for each other
    const sorted = [...some].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    await this.#session.write(
      ...sorted.flatMap((each) => [
        ADD.with(...FAILURE_GROUPS.valuesOf({ ...each, state: "open", seenN: 0, note: null }), each.tenant),
        countingHour(each),
      ]),
    );
  }

  async get(fingerprint: string, reach: Reach = {}): Promise<FailureGroup | undefined> {
    const [group] = await this.#session.read(GET.with(fingerprint, ...valuesOf(reach)));
    return group;
  }

  async list(page: FailurePage): Promise<Slice<FailureGroup>> {
    const { limit, after, before, since = 0, task, lane, state, class: ofClass, tenant, mode } = page;
    const { firstSince = 0, fits } = page;
    const isBackwards = before !== undefined;
    const { farthest, found } =
      WALKS[tenant === undefined ? "all" : "tenants"][isBackwards ? "younger" : "older"];
    const of = tenant === undefined ? [] : [tenant];
    const asked = [
      since,
      firstSince,
      task ?? null,
      lane ?? null,
      state ?? null,
      ofClass ?? null,
      ofClass ?? null,
    ];
    const rows: FailureGroup[] = [];
    let place = placeOf(before ?? after);
    for (let isEnd = false; !isEnd && rows.length <= limit; await nextTurn()) {
      const [last] = await this.#session.read(farthest.with(...of, ...place, LOOKED_AT_ONCE - 1));
      isEnd = last === undefined || (!isBackwards && last.lastAt < since);
      const end: Place = last ? [last.lastAt, last.fingerprint] : isBackwards ? FIRST : LAST;
      const within = [...of, ...place, ...end, ...asked, mode ?? null, mode ?? null];
      const missing = limit + 1 - rows.length;
      const some = await this.#session.read(found.with(...within, fits ? LOOKED_AT_ONCE : missing));
      rows.push(...(fits ? some.filter(({ sample }) => fits(sample)).slice(0, missing) : some));
      place = end;
    }
    const hasMore = rows.length > limit;
    const some = rows.slice(0, limit);
    return { rows: isBackwards ? some.reverse() : some, hasMore, searchedTo: null };
  }

  async change(
    { fingerprint, state, note }: Pick<FailureGroup, "fingerprint" | "state" | "note">,
    was: FailureGroup["state"],
    audit?: Call<unknown>,
  ): Promise<FailureGroup | undefined> {
    const [[changed]] = await this.#session.write(
      audited(CHANGE.with(state, note, state, fingerprint, was), audit),
    );
    return changed;
  }

  async prune(before: number, limit: number): Promise<number> {
    const [pruned] = await this.#session.write(PRUNE.with(before, limit));
    return pruned.length;
  }

  async pruneBeyond(most: number, limit: number): Promise<number> {
    const [last] = await this.#session.read(LAST_KEPT.with(most - 1));
    return last ? this.prune(last.lastAt, limit) : 0;
  }
}

/** The place of a cursor; without one, before the first. */
function placeOf(cursor: string | undefined): Place {
  const [lastAt = "", fingerprint = ""] = cursor?.split("_") ?? [];
  return cursor === undefined ? FIRST : [Number(lastAt), fingerprint];
}

function valuesOf({ tenant, mode }: Reach): Value[] {
  return [tenant ?? null, tenant ?? null, mode ?? null, mode ?? null];
}
