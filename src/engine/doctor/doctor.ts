import { DAY_MS, HOUR_MS } from "../../core/duration.ts";
import { innerPart } from "../../core/inner-part.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { StoragePart } from "../../store/facts.ts";
import type { Part } from "../part.ts";
import type { KnownRetention } from "../retention/retention-periods.ts";
import { Rhythm } from "../rhythm.ts";
import { diagnose } from "./diagnosis.ts";
import type { Examination } from "./examine.ts";
import { type Finding, type Findings, worstOf } from "./finding.ts";
import { type Complaint, changesOf } from "./finding-changes.ts";

const LOOK_EVERY_MS = 60_000;
/** Growth is the difference from the sizes of a day ago, or from the next ones that are kept. */
const SIZES_KEPT_MS = 2 * DAY_MS;

export interface DoctorParts extends Examination {
  readonly instrument: Instrument;
}

/** Runs the checks every minute, keeps the last findings, and publishes those that appear and disappear. */
export class Doctor implements Part {
  readonly #parts: DoctorParts;
  readonly #rhythm: Rhythm;
  readonly #others: (() => Finding)[] = [];
  #last: Findings | undefined;
  #keptHour: number | undefined;
  #known: readonly Complaint[] = [];
  #underway: Promise<Findings> | undefined;

  constructor(parts: DoctorParts) {
    const { clock, instrument } = parts;
    this.#parts = parts;
    this.#rhythm = new Rhythm(clock, instrument, LOOK_EVERY_MS, async () => {
      await this.#keepSizes(this.#last, await this.look());
    });
  }

  /** Runs this check too: of what only this process does. */
  add(check: () => Finding): void {
    this.#others.push(check);
  }

  start(): void {
    this.#rhythm.start();
  }

  stop(): Promise<void> {
    return this.#rhythm.stop();
  }

  /** How long everything is kept. */
  get retention(): KnownRetention {
    return this.#parts.retention;
  }

  /** The last findings; undefined before the first check. */
  get last(): Findings | undefined {
    return this.#last;
  }

  /** What was found within the last minute or so; looks only where that is not known. */
  async findings(): Promise<Findings> {
    const last = this.#last;
    const isFresh = last !== undefined && this.#parts.clock.now() - last.checkedAt < 2 * LOOK_EVERY_MS;
    return isFresh ? last : this.look();
  }

  /** Runs the checks now. Calls that come meanwhile get the same answer. */
  look(): Promise<Findings> {
    this.#underway ??= this.#look().finally(() => {
      this.#underway = undefined;
    });
    return this.#underway;
  }

  /** Those of before something grew or shrank: a process that is idle writes nothing. */
  async #keepSizes(before: Findings | undefined, { storage: after }: Findings): Promise<void> {
    if (!before || after.length === 0 || !isAnyChanged(before.storage, after)) return;
    const { checkedAt: at, storage } = before;
    const hour = at - (at % HOUR_MS);
    if (hour === this.#keptHour) return;
    const sizes = storage.map(({ part, bytes }) => ({ hour, part, bytes, at }));
    await this.#parts.store.sizes.keep(sizes, hour - SIZES_KEPT_MS);
    this.#keptHour = hour;
  }

  async #look(): Promise<Findings> {
    const { instrument } = this.#parts;
    const ofDatabase = await diagnose(this.#parts);
    const findings = [...ofDatabase.findings, ...this.#others.map((check) => check())];
    const found = { ...ofDatabase, findings, worst: worstOf(findings) };
    const { appeared, gone, known } = changesOf(this.#known, found.findings);
    this.#last = found;
    this.#known = known;
    for (const finding of appeared) instrument["finding.appeared"].publish(finding);
    for (const { check, title } of gone) instrument["finding.gone"].publish({ check, title });
    return found;
  }
}

function isAnyChanged(before: readonly StoragePart[], after: readonly StoragePart[]): boolean {
  const known = new Map(before.map(({ part, bytes }) => [part, bytes]));
  return after.some(({ part, bytes }) => part !== "wal" && known.get(part) !== bytes);
}

/** Where a Posthorn keeps its doctor. */
export const DOCTOR = Symbol.for("posthorn.doctor");

/** The doctor of a Posthorn, for its own surfaces. */
export function doctorOf(posthorn: object): Doctor {
  return innerPart(posthorn, DOCTOR);
}
