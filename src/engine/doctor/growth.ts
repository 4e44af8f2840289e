import type { Facts, StoragePart } from "../../store/facts.ts";
import type { KeptSize } from "../../store/shelves/sizes.ts";
import type { RetentionSizes } from "../retention-periods.ts";
import { DAY, type Growth, HOUR } from "./finding.ts";

/** From less than this no growth per day is told. */
const AT_LEAST_MS = 6 * HOUR;

/** What has room in the file already, and the log, which is emptied again and again: these do not grow. */
const NO_DATA = ["free", "wal"];

/** @param kept sizes of about a day ago, or since there are any. Undefined when those are too young to tell. */
export function growthOf(
  now: number,
  storage: readonly StoragePart[],
  kept: readonly KeptSize[],
): Growth | undefined {
  const ago = now - (kept[0]?.at ?? now); // they are of one look
  if (ago < AT_LEAST_MS) return undefined;
  const before = new Map(kept.map(({ part, bytes }) => [part, bytes]));
  const parts = storage.filter(({ part }) => !NO_DATA.includes(part));
  return new Map(
    parts.map(({ part, bytes }) => [part, Math.round(((bytes - (before.get(part) ?? 0)) * DAY) / ago)]),
  );
}

/** Of all that is kept. */
export function totalOf(growth: Growth): number {
  return [...growth.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * When no job is accepted any more if it goes on growing as it did, because the disk is full or the file as large as it may be. Null where that is
 * more than a year away, or never: it does not grow, or is kept small enough by what it retains; or where this process cannot see the disk.
 */
export function fullAt(
  now: number,
  facts: Facts,
  growth: Growth | undefined,
  { mostBytes = Number.POSITIVE_INFINITY }: Pick<RetentionSizes, "mostBytes">,
): number | null {
  if (facts.kind !== "sqlite" || !facts.file || !growth) return null;
  const aDay = totalOf(growth);
  if (aDay <= 0) return null;
  const bytesOf = (wanted: string) => facts.storage.find(({ part }) => part === wanted)?.bytes ?? 0;
  const { freeDiskBytes, mostBytes: mostInFile, bytes } = facts.file;
  const room = bytesOf("free") + Math.min(freeDiskBytes, Math.max(0, (mostInFile ?? Infinity) - bytes));
  if (mostBytes - bytesOf("data") < room) return null;
  const days = room / aDay;
  return days > 365 ? null : now + Math.round(days * DAY);
}
