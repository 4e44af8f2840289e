import { DAY_MS } from "../../../core/duration.ts";
import { dayOf, type Span } from "./partition-bounds.ts";

/** The partitions of today and of this many days ahead exist before they are needed. */
export const DAYS_AHEAD = 3;
/** Partitions that are merged in one transaction: each takes a dozen locks. */
const MOST_MERGED = 20;

/** Adjacent partitions, and those that replace them: the same span, divided differently. */
export interface Recut<Old extends Span = Span> {
  readonly old: readonly Old[];
  readonly pieces: readonly Span[];
}

/** The first partition that days which are to stand alone lie in, cut at them. */
export function cutAhead<Old extends Span>(partitions: readonly Old[], now: number): Recut<Old> | undefined {
  const today = dayOf(now);
  const cuts = Array.from({ length: DAYS_AHEAD + 2 }, (_, n) => today + n * DAY_MS);
  for (const whole of partitions) {
    const within = cuts.filter((cut) => whole.from < cut && cut < whole.to);
    if (within.length === 0) continue;
    const ends = [whole.from, ...within, whole.to];
    const pieces = ends.slice(1).map((to, n) => ({ from: ends[n] ?? whole.from, to }));
    return { old: [whole], pieces };
  }
  return undefined;
}

/** Those that new jobs do not come to any more. */
export function oldOnes<Old extends Span>(partitions: readonly Old[], now: number): Old[] {
  return partitions.filter(({ to }) => to <= dayOf(now) - DAY_MS);
}

/** Empty ones that are next to each other, as one: so their number stays small, and no id is without a partition. */
export function mergeEmpty<Old extends Span>(
  partitions: readonly Old[],
  isEmpty: (partition: Old) => boolean,
): Recut<Old> | undefined {
  let run: Old[] = [];
  for (const partition of partitions) {
    if (!isEmpty(partition)) {
      if (run.length > 1) break;
      run = [];
    } else if (run.length < MOST_MERGED) run.push(partition);
  }
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last || first === last) return undefined;
  return { old: run, pieces: [{ from: first.from, to: last.to }] };
}

/** How many of the days that should stand alone by now do not. */
export function daysMissing(partitions: readonly Span[], now: number): number {
  const today = dayOf(now);
  const starts = new Set(partitions.filter(({ from, to }) => to - from === DAY_MS).map(({ from }) => from));
  return Array.from({ length: DAYS_AHEAD + 1 }, (_, n) => today + n * DAY_MS).filter(
    (day) => !starts.has(day),
  ).length;
}
