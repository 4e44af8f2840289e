import type { Facts, StoragePart } from "../../store/facts.ts";
import type { KeptSize } from "../../store/shelves/sizes.ts";
import type { RetentionSizes } from "../retention-periods.ts";
import { DAY, type Growth, HOUR } from "./finding.ts";

/** From less than this no growth per day is told. */
const AT_LEAST_MS = 6 * HOUR;

/** @param kept sizes of about a day ago, or since there are any. Undefined when those are too young to tell. */
export function growthOf(
  now: number,
  storage: readonly StoragePart[],
  kept: readonly KeptSize[],
): Growth | undefined {
  const ago = now - (kept[0]?.at ?? now); // they are of one look
  if (ago < AT_LEAST_MS) return undefined;
  const before = new Map(kept.map(({ part, bytes }) => [part, bytes]));
  return new Map(
    storage.map(({ part, bytes }) => [part, Math.round(((bytes - (before.get(part) ?? 0)) * DAY) / ago)]),
  );
}

/** What has room in the file already, and the log, which is emptied again and again, are no growth. */
const NO_DATA = ["free", "wal"];

/** Of all that is kept. */
export function totalOf(growth: Growth): number {
  return [...growth].reduce((sum, [part, bytes]) => (NO_DATA.includes(part) ? sum : sum + bytes), 0);
}

/**
 * When no job is accepted any more if it goes on growing as it did, because the disk is full or the file as large as it may be. Null where it
 * does not grow, is kept small enough by what it retains, or is on a machine that this process cannot see.
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
  return now + Math.round((room / aDay) * DAY);
}
