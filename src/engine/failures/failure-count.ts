import type { Clock } from "../../core/clock.ts";
import { HOUR_MS } from "../../core/duration.ts";
import { restFingerprint } from "../../core/thrown/fingerprint.ts";
import type { Unsubscribe } from "../../observe/channel.ts";
import type { FailureRecorded } from "../../observe/failure-recorded.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { FailedAlike, FailureGroupShelf } from "../../store/shelves/statistics/failure-groups.ts";
import type { FailureHourShelf } from "../../store/shelves/statistics/failure-hours.ts";
import { type Part, stopAll } from "../part.ts";
import { Rhythm } from "../rhythm.ts";

export interface FailureCountParts {
  readonly shelf: Pick<FailureGroupShelf, "add">;
  readonly hours: Pick<FailureHourShelf, "forget">;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

const WRITE_MS = 1_000;
/** In one transaction, which takes a few milliseconds. */
const AT_ONCE = 100;
/**
 * Errors with random words in them would each form a group of their own, so only this many groups are told apart per hour: of one task and
 * lane, and in all.
 */
const MOST_OF_LANE = 50;
const MOST = 2_000;
const FORGET_MS = HOUR_MS;
/** A day of hours is shown, and a little more kept. */
const HOURS_KEPT_MS = 25 * HOUR_MS;
const FORGET_HOURS_MS = 300_000;
const LONGEST_SAMPLE = 2_000;

/** The lane of the group that counts the rest, once there are too many groups in all. */
const ANY_LANE = "";

/**
 * Counts failed attempts by group, and writes the counts a moment later, separately from the attempts' results: at most once per second and
 * group, and nothing while nothing fails. A process that is killed loses a second of counts, never a job.
 */
export class FailureCount implements Part {
  readonly #parts: FailureCountParts;
  readonly #rhythms: readonly Rhythm[];
  #pending = new Map<string, FailedAlike>();
  /** The groups of the last hour, and how many there were per task and lane. */
  readonly #known = new Set<string>();
  readonly #ofLane = new Map<string, number>();
  #subscribed: Unsubscribe = () => {};

  constructor(parts: FailureCountParts) {
    this.#parts = parts;
    const { clock, instrument, hours } = parts;
    this.#rhythms = [
      new Rhythm(clock, instrument, WRITE_MS, () => this.write()),
      new Rhythm(clock, instrument, FORGET_MS, async () => this.#forget()),
      new Rhythm(clock, instrument, FORGET_HOURS_MS, async () => {
        await hours.forget(clock.now() - HOURS_KEPT_MS);
      }),
    ];
  }

  start(): void {
    this.#subscribed = this.#parts.instrument["failure.recorded"].subscribe((failed) => this.#count(failed));
    for (const rhythm of this.#rhythms) rhythm.start();
  }

  /** Writes what is still to be written. */
  async stop(): Promise<void> {
    this.#subscribed();
    await stopAll(this.#rhythms);
    try {
      await this.write();
    } catch {
      // the database may be away, and these are only counts
    }
  }

  /** Counts that could not be written are added to the next ones. If only the answer was lost, they are counted twice. */
  async write(): Promise<void> {
    if (this.#pending.size === 0) return;
    const groups = [...this.#pending.values()];
    this.#pending = new Map();
    for (let from = 0; from < groups.length; from += AT_ONCE) {
      try {
        await this.#parts.shelf.add(groups.slice(from, from + AT_ONCE));
      } catch (error) {
        for (const group of groups.slice(from)) this.#add(group);
        throw error;
      }
    }
  }

  #count(failed: FailureRecorded): void {
    const { jobId, message } = failed;
    const now = this.#parts.clock.now();
    const sample = message.slice(0, LONGEST_SAMPLE);
    this.#add({ ...this.#groupOf(failed), sample, sampleJob: jobId, firstAt: now, lastAt: now, n: 1 });
  }

  #groupOf({ fingerprint, task, lane, tenant, kind }: FailureRecorded) {
    const group = { fingerprint, task, lane, tenant, class: kind };
    if (this.#known.has(fingerprint)) return group;
    const place = `${task}\n${lane}`;
    const ofLane = this.#ofLane.get(place) ?? 0;
    if (this.#known.size < MOST && ofLane < MOST_OF_LANE) {
      this.#known.add(fingerprint);
      this.#ofLane.set(place, ofLane + 1);
      return group;
    }
    const rest = ofLane > 0 ? group : { ...group, lane: ANY_LANE, tenant: null };
    return { ...rest, fingerprint: restFingerprint(rest, kind) };
  }

  #add(group: FailedAlike): void {
    const { fingerprint, firstAt, n } = group;
    const before = this.#pending.get(fingerprint);
    if (!before) this.#pending.set(fingerprint, group);
    else {
      const later = before.lastAt > group.lastAt ? before : group;
      this.#pending.set(fingerprint, {
        ...later,
        firstAt: Math.min(firstAt, before.firstAt),
        n: n + before.n,
      });
    }
  }

  #forget(): void {
    this.#known.clear();
    this.#ofLane.clear();
  }
}
