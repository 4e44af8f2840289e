import { DAY_MS, durationText, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Facts, StoragePart } from "../../store/facts.ts";
import type { KnownRetention } from "../retention/retention-periods.ts";

/** `warn` may become a problem, `bad` is one. */
export type Level = "ok" | "warn" | "bad";

/** The outcome of a check. */
export interface Finding {
  /** Stable, for programs: `oldest_due`. */
  readonly check: string;
  readonly level: Level;
  /** What was checked, for people. */
  readonly title: string;
  /** What was found. */
  readonly detail: string;
  /** What to do; null if there is nothing to do. */
  readonly todo: string | null;
}

/** All findings of one time. */
export interface Findings {
  readonly checkedAt: number;
  readonly worst: Level;
  readonly findings: readonly Finding[];
  /** What takes how much room. */
  readonly storage: readonly GrowingPart[];
  /** When there will be no room left at the present rate; null if that will not happen, or is unknown. */
  readonly fullAt: number | null;
  /** Free space on the database's disk, if this process can see it. */
  readonly freeDiskBytes: number | null;
  readonly retention: KnownRetention;
}

export interface GrowingPart extends StoragePart {
  /** By how many bytes a day it has grown (or shrunk) lately; null if that is not known yet. */
  readonly bytesADay: number | null;
}

/** Everything that the checks judge. */
export interface Examined<F extends Facts = Facts> {
  readonly now: number;
  readonly facts: F;
  readonly workers: readonly ExaminedWorker[];
  readonly schedules: readonly ExaminedSchedule[];
  readonly masterKey: MasterKeyState;
  readonly retention: KnownRetention;
  /** Undefined where it is not known yet. */
  readonly growth: Growth | undefined;
  /** How long a transaction may be open. */
  readonly maxTransactionMs: number;
}

/** How many bytes a day each part has grown by lately; negative if it shrank. */
export type Growth = ReadonlyMap<string, number>;

export interface ExaminedWorker {
  readonly concurrency: number;
  readonly slotsHeld: number;
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** The names of the tasks it handles. */
  readonly tasks: readonly string[];
  readonly mayLive: boolean;
  /** How many it holds. */
  readonly jobs: number;
}

export interface ExaminedSchedule {
  readonly name: string;
  readonly paused: boolean;
  readonly nextAt: number | null;
}

export type MasterKeyState =
  | { readonly state: "unneeded" }
  | { readonly state: "usable" }
  | { readonly state: "unusable"; readonly problem: string };

export type DoctorCheck<F extends Facts = Facts> = (examined: Examined<F>) => Finding;

/** What a check has found out. */
interface Judgement {
  readonly level: Level;
  readonly detail: string;
  /** Left out if there is nothing to do. */
  readonly todo?: string;
}

/** @param check a stable name, which monitoring relies on. */
export function checkOf<F extends Facts = Facts>(
  check: string,
  title: string,
  judge: (examined: Examined<F>) => Judgement,
): DoctorCheck<F> {
  return (examined) => {
    const { level, detail, todo = null } = judge(examined);
    return { check, level, title, detail, todo };
  };
}

/** A finding in one line: what was found and, unless it is fine, what to do. */
export function sentence({ detail, todo }: Finding): string {
  return todo === null ? detail : `${detail}; ${todo}`;
}

/** The level that a value has reached. */
export function levelOf(value: number, warnFrom: number, badFrom: number): Level {
  if (value >= badFrom) return "bad";
  return value >= warnFrom ? "warn" : "ok";
}

/** The worst of them; `ok` of none. */
export function worstOf(findings: readonly Pick<Finding, "level">[]): Level {
  const has = (level: Level) => findings.some((finding) => finding.level === level);
  return has("bad") ? "bad" : has("warn") ? "warn" : "ok";
}

/** A span of time in its two largest units. */
export function span(ms: number): string {
  const unit = [DAY_MS, HOUR_MS, MINUTE_MS].find((each) => ms >= each);
  const step = unit === DAY_MS ? HOUR_MS : unit === HOUR_MS ? MINUTE_MS : 1_000;
  return ms < 1_000 ? "less than a second" : durationText(Math.floor(ms / step) * step);
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function bytes(count: number): string {
  const at = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  const value = count / 2 ** (10 * at);
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[at]}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
