import type { Clock } from "../../core/clock.ts";
import { HOUR_MS } from "../../core/duration.ts";
import { NotFoundError } from "../../core/errors.ts";
import { dateOf } from "../../core/instant.ts";
import { SOUGHT_LENGTH } from "../../core/job-content.ts";
import { instantOf, refuseOther, refuseUnknown, textOf, wrong } from "../../core/options.ts";
import { ATTEMPT_CLASSES, type AttemptClass } from "../../core/outcome.ts";
import { type Reach, takeReach } from "../../core/reach.ts";
import { restFingerprint } from "../../core/thrown/fingerprint.ts";
import {
  cursorOf,
  type FailureGroup as FailureGroupRow,
  type FailureGroupShelf,
} from "../../store/shelves/statistics/failure-groups.ts";
import type { FailureHourShelf } from "../../store/shelves/statistics/failure-hours.ts";
import type { Audit } from "../audit/audit.ts";
import type { BulkChangeOptions } from "../bulk/bulk-runs.ts";
import { type Listed, type ListOptions, listed, pageOf } from "../lists.ts";

/**
 * A group of similar failures: attempts of one task and lane (an endpoint's deliveries share one) whose errors differ only in numbers, ids,
 * times and quoted text.
 */
export interface FailureGroup {
  /** Finds the group's jobs, in the filters of `posthorn.jobs.list` and `posthorn.bulk.start`. */
  readonly fingerprint: string;
  /** Whether this is the group of failures that were too many to tell apart: no job is found by its fingerprint. */
  readonly isRest: boolean;
  readonly task: string;
  readonly lane: string;
  /** The id of the tenant that their jobs belong to. */
  readonly tenantId: string | null;
  readonly class: AttemptClass | null;
  /** The error of the last attempt. */
  readonly sample: string;
  /** The id of that attempt's job. */
  readonly sampleJob: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** How many attempts failed in this way, including those that were retried. */
  readonly n: number;
  /** How many attempts failed in each of the last 24 hours, oldest first; the last one is the current hour. */
  readonly hourly: readonly number[];
  /** `acknowledged`: somebody knows about it; the group opens again when `n` has doubled. `resolved`: it opens again at the next failure. */
  readonly state: "open" | "acknowledged" | "resolved";
  /** For people to read. */
  readonly note: string | null;
}

/** Which groups: those that meet every given condition. */
export interface FailureFilter extends Omit<ListOptions, "order"> {
  readonly task?: string | undefined;
  readonly lane?: string | undefined;
  readonly state?: FailureGroup["state"] | undefined;
  readonly class?: AttemptClass | undefined;
  /** The id of a tenant. */
  readonly tenant?: string | undefined;
  /** Groups that failed at or after this time: a Date, or RFC 3339. */
  readonly since?: Date | string | undefined;
  /** Groups that failed for the first time at or after this time. */
  readonly firstSince?: Date | string | undefined;
  /** Groups whose error contains this, ignoring case; or for whose error this function returns true. */
  readonly text?: string | ((sample: string) => boolean) | undefined;
}

/** What to change; what is left out stays. */
export interface FailureChange {
  readonly state?: FailureGroup["state"];
  /** At most 1000 characters; null removes it. */
  readonly note?: string | null;
}

const STATES: readonly unknown[] = ["open", "acknowledged", "resolved"] satisfies FailureGroup["state"][];
const OF_FILTER = [
  "task",
  "lane",
  "state",
  "class",
  "tenant",
  "since",
  "firstSince",
  "text",
] satisfies (keyof FailureFilter)[];
const TEXTS = ["task", "lane", "tenant"] as const;
const CURSOR = /^\d{1,16}_[0-9a-f]{16}$/;
export const LONGEST_NOTE = 1_000;

const HOURS_SHOWN = 24;
const NO_HOURS: readonly number[] = new Array<number>(HOURS_SHOWN).fill(0);

export interface FailureParts {
  readonly shelf: FailureGroupShelf;
  readonly hours: Pick<FailureHourShelf, "since">;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** Failed attempts, in groups of similar ones. */
export class Failures {
  readonly #parts: FailureParts;

  constructor(parts: FailureParts) {
    this.#parts = parts;
  }

  /**
   * Lists groups, the one that failed last first. A group is kept as long as failed jobs are, counted from its last failure. It is written
   * about a second after an attempt failed, so a process that is killed may leave out its last second.
   * @throws InvalidInputError naming what is wrong.
   * @example
   * const { data } = await posthorn.failures.list({ state: "open", task: "send-receipt" });
   */
  async list(
    filter: FailureFilter = {},
    seen: Pick<BulkChangeOptions, "reach"> = {},
  ): Promise<Listed<FailureGroup>> {
    const { reach } = takeReach(seen);
    refuseOther(filter, ["filter"], `must be an object with ${OF_FILTER.join(", ")}`);
    const { task, lane, state, class: ofClass, tenant, since, firstSince, text, ...options } = filter;
    refuseUnknown(filter, [...OF_FILTER, "limit", "after", "before"]);
    for (const name of TEXTS) if (filter[name] !== undefined) textOf(filter[name], [name]);
    if (state !== undefined) stateOf(state);
    if (ofClass !== undefined && !ATTEMPT_CLASSES.includes(ofClass))
      throw wrong(["class"], `must be one of ${ATTEMPT_CLASSES.join(", ")}`);
    const { limit, after, before } = pageOf(options, (text) => CURSOR.test(text), "descending");
    if (tenant !== undefined && reach.tenant !== undefined && tenant !== reach.tenant)
      return { data: [], nextCursor: null, prevCursor: null };
    const page = {
      ...{ limit, after, before, task, lane, state, class: ofClass, mode: reach.mode },
      tenant: reach.tenant ?? tenant,
      since: since === undefined ? undefined : instantOf(since, ["since"]),
      firstSince: firstSince === undefined ? undefined : instantOf(firstSince, ["firstSince"]),
      fits: text === undefined || typeof text === "function" ? text : contains(soughtText(text)),
    };
    const slice = await this.#parts.shelf.list(page);
    const hourly = await this.#hourly(slice.rows);
    return listed(slice, page, cursorOf, (group) => publicFailureGroup(group, hourly));
  }

  /** Looks up a group. @throws NotFoundError */
  async get(fingerprint: string, seen: Pick<BulkChangeOptions, "reach"> = {}): Promise<FailureGroup> {
    return this.#shown(await this.#get(fingerprint, takeReach(seen).reach));
  }

  /**
   * Sets its state, its note, or both.
   * @throws NotFoundError, InvalidInputError
   * @example
   * await posthorn.failures.update(fingerprint, { state: "acknowledged", note: "their outage, see status page" }, { actor: "ana" });
   */
  async update(
    fingerprint: string,
    change: FailureChange,
    options: BulkChangeOptions = {},
  ): Promise<FailureGroup> {
    const { reach, rest: by } = takeReach(options);
    refuseOther(change, ["change"], "must be an object with state, note or both");
    refuseUnknown(change, ["state", "note"]);
    if (change.state === undefined && change.note === undefined)
      throw wrong(["state"], "is missing, and so is note; give at least one of the two");
    if (change.state !== undefined) stateOf(change.state);
    if (change.note !== undefined && change.note !== null) noteOf(change.note);
    for (;;) {
      const was = await this.#get(fingerprint, reach);
      const is = { ...was, ...given(change) };
      const fields = (["state", "note"] as const).filter((name) => was[name] !== is[name]);
      const act = this.#parts.audit.act(by, {
        ...{ action: "failure.update" as const, target: fingerprint, tenant: was.tenant },
        change: Object.fromEntries(fields.map((name) => [name, [was[name], is[name]] as const])),
      });
      // of two at once the second one sees what the first one made of it
      const changed = await this.#parts.shelf.change(is, was.state, act.row);
      if (!changed) continue;
      act.done();
      return this.#shown(changed);
    }
  }

  async #shown(group: FailureGroupRow): Promise<FailureGroup> {
    return publicFailureGroup(group, await this.#hourly([group]));
  }

  /** By fingerprint; a group that has not failed for a day is not there. */
  async #hourly(groups: readonly FailureGroupRow[]): Promise<ReadonlyMap<string, readonly number[]>> {
    const now = this.#parts.clock.now();
    const first = now - (now % HOUR_MS) - (HOURS_SHOWN - 1) * HOUR_MS;
    const recent = groups.filter(({ lastAt }) => lastAt >= first).map(({ fingerprint }) => fingerprint);
    const hourly = new Map<string, number[]>();
    for (const { fingerprint, hour, n } of await this.#parts.hours.since(recent, first)) {
      const counts = hourly.get(fingerprint) ?? [...NO_HOURS];
      // of another process's clock it may be an hour that has not begun here
      const place = Math.min((hour - first) / HOUR_MS, HOURS_SHOWN - 1);
      counts[place] = (counts[place] ?? 0) + n;
      hourly.set(fingerprint, counts);
    }
    return hourly;
  }

  async #get(fingerprint: string, reach: Reach): Promise<FailureGroupRow> {
    const group = await this.#parts.shelf.get(textOf(fingerprint, ["fingerprint"]), reach);
    if (group) return group;
    throw new NotFoundError("failure_group", fingerprint);
  }
}

function given({ state, note }: FailureChange): FailureChange {
  return { ...(state !== undefined && { state }), ...(note !== undefined && { note }) };
}

/** Whether a string contains this one, ignoring case. */
export function contains(sought: string): (text: string) => boolean {
  const lower = sought.toLowerCase();
  return (text) => text.toLowerCase().includes(lower);
}

/** An error is compared with it, which takes time for each that is. */
function soughtText(text: string): string {
  const { most } = SOUGHT_LENGTH;
  if (typeof text === "string" && text.length >= 1 && text.length <= most) return text;
  throw wrong(["text"], `must be a string of 1 to ${most} characters`);
}

function stateOf(value: unknown): void {
  if (!STATES.includes(value)) throw wrong(["state"], `must be one of ${STATES.join(", ")}`);
}

function noteOf(value: unknown): void {
  if (typeof value !== "string" || value.length > LONGEST_NOTE)
    throw wrong(["note"], `must be a string of at most ${LONGEST_NOTE} characters`);
}

function publicFailureGroup(
  { tenant, class: kind, firstAt, lastAt, seenN: _, ...same }: FailureGroupRow,
  hourly: ReadonlyMap<string, readonly number[]>,
): FailureGroup {
  return {
    ...same,
    isRest: same.fingerprint === restFingerprint(same, kind),
    hourly: hourly.get(same.fingerprint) ?? NO_HOURS,
    tenantId: tenant,
    class: kind as AttemptClass | null, // attempts have no other
    firstAt: dateOf(firstAt),
    lastAt: dateOf(lastAt),
  };
}
