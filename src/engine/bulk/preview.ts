import { HOUR_MS } from "../../core/duration.ts";
import { pagesAhead } from "./ahead.ts";
import type { BulkFilter, BulkRequest } from "./bulk-request.ts";
import type { BulkPage, Found, FoundPage, Pinned } from "./bulk-source.ts";
import { DEFAULT_PACE, isPaced } from "./lane-paces.ts";
import { requested } from "./requested.ts";

/** What a run would do. */
export interface BulkPreview {
  /** How many jobs match. With `atLeast`, there are more than were counted. */
  readonly matched: { readonly n: number; readonly atLeast: boolean };
  /** How many jobs would be changed or created. */
  readonly changed: number;
  /** How many would be skipped, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Where most of them would go. */
  readonly lanes: readonly {
    readonly lane: string;
    readonly n: number;
    /** How many per second it takes at most; null if it has no limit of its own. */
    readonly rate: number | null;
    /** How long they would take at the run's pace, or at the lane's rate if that is lower, in seconds; null for `cancel` and `erase`. */
    readonly seconds: number | null;
  }[];
  /** Number of jobs by the class of their last attempt. */
  readonly classes: Readonly<Record<string, number>>;
  /** The groups of failures that most of them belong to. */
  readonly failures: readonly { readonly fingerprint: string; readonly n: number }[];
  /** Number of jobs by age: created within an hour, a day, a week, or earlier. */
  readonly ages: Readonly<Record<"1h" | "24h" | "7d" | "older", number>>;
  /** The ids of up to five of them. */
  readonly samples: readonly string[];
  /** The filter as the run would fix it, with durations turned into times. */
  readonly filter: BulkFilter;
}

/** Where a preview finds jobs, and how fast lanes may be. */
interface PreviewSources {
  next(pinned: Pinned, page: BulkPage): Promise<FoundPage>;
  /** See `BulkPlaces`. */
  rateOf(lane: string): Promise<number | undefined>;
}

const PAGE = 500;
const MOST_LANES = 20;
const MOST_FAILURES = 20;
const SAMPLES = 5;

export async function preview(
  pinned: Pinned,
  { action, pace = DEFAULT_PACE }: BulkRequest,
  { next, rateOf }: PreviewSources,
  now: number,
): Promise<BulkPreview> {
  const all: Found[] = [];
  let after: string | null = null;
  for await (const page of pagesAhead(pinned, { run: { id: "", action }, after, limit: PAGE, now }, next)) {
    all.push(...page.found);
    after = page.last;
  }
  const changed = all.filter(({ decision }) => decision.kind !== "skip");
  const byLane = most(
    changed.map(({ lane }) => lane),
    MOST_LANES,
  );
  const lanes = byLane.map(async ([lane, n]): Promise<BulkPreview["lanes"][number]> => {
    const rate = isPaced(action) ? await rateOf(lane) : undefined;
    const seconds = isPaced(action) ? Math.ceil(n / Math.min(pace, rate ?? pace)) : null;
    return { lane, n, rate: rate ?? null, seconds };
  });
  const fingerprints = all.flatMap(({ fingerprint }) => fingerprint ?? []);
  const ages = { "1h": 0, "24h": 0, "7d": 0, older: 0 };
  for (const { createdAt } of all) ages[ageOf(now - createdAt)]++;
  return {
    matched: { n: all.length, atLeast: after !== null },
    changed: changed.length,
    skipped: counted(all, ({ decision }) => (decision.kind === "skip" ? decision.reason : undefined)),
    lanes: await Promise.all(lanes),
    failures: most(fingerprints, MOST_FAILURES).map(([fingerprint, n]) => ({ fingerprint, n })),
    classes: counted(all, (each) => each.class ?? undefined),
    ages,
    samples: changed.slice(0, SAMPLES).map(({ id }) => id),
    filter: requested(action, pinned).filter,
  };
}

/** The words there are most of, with how many. */
function most(words: readonly string[], limit: number): (readonly [string, number])[] {
  return [...Map.groupBy(words, (word) => word)]
    .map(([word, { length }]) => [word, length] as const)
    .sort(([, one], [, other]) => other - one)
    .slice(0, limit);
}

function counted(all: readonly Found[], of: (found: Found) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const found of all) {
    const name = of(found);
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function ageOf(ms: number): "1h" | "24h" | "7d" | "older" {
  if (ms < HOUR_MS) return "1h";
  if (ms < 24 * HOUR_MS) return "24h";
  return ms < 168 * HOUR_MS ? "7d" : "older";
}
