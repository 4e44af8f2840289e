import { DAY_MS, HOUR_MS } from "../../core/duration.ts";
import type { Facts, StoragePart } from "../../store/facts.ts";
import type { KeptSize } from "../../store/shelves/statistics/sizes.ts";
import type { RetentionSizes } from "../retention/retention-periods.ts";
import type { Growth } from "./finding.ts";

/** The shortest history from which growth per day is computed. */
const AT_LEAST_MS = 6 * HOUR_MS;

/** Parts that do not count as growth: free space in the file, and the write-ahead log, which is emptied again and again. */
const NO_DATA = ["free", "wal"];

/** @param kept the sizes of about a day ago, or the oldest there are. */
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
    parts.map(({ part, bytes }) => [part, Math.round(((bytes - (before.get(part) ?? 0)) * DAY_MS) / ago)]),
  );
}

/** The growth of everything that is kept. */
export function totalOf(growth: Growth): number {
  return [...growth.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * When jobs will no longer be accepted at the present rate of growth, because the disk is full or the file has reached its limit. Null if
 * that is more than a year away or will never happen (the database does not grow, or retention keeps it small enough), or if this process
 * cannot see the disk.
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
  return days > 365 ? null : now + Math.round(days * DAY_MS);
}
