import { HOUR_MS } from "../../core/duration.ts";
import { pagesAhead } from "./ahead.ts";
import type { BulkFilter, BulkRequest } from "./bulk-request.ts";
import type { BulkPage, Found, FoundPage, Pinned } from "./bulk-source.ts";
import { DEFAULT_PACE } from "./lane-paces.ts";
import { requested } from "./requested.ts";

/** What a run would do. */
export interface BulkPreview {
  /** How many jobs match. With `atLeast`, there are more than were counted. */
  readonly matched: { readonly n: number; readonly atLeast: boolean };
  /** How many jobs would be changed or created. */
  readonly changed: number;
  /** How many would be skipped, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Where most of them would go, and how long each takes at the run's pace. */
  readonly lanes: readonly { readonly lane: string; readonly n: number; readonly seconds: number }[];
  /** Number of jobs by the class of their last attempt. */
  readonly classes: Readonly<Record<string, number>>;
  /** Number of jobs by age: created within an hour, a day, a week, or earlier. */
  readonly ages: Readonly<Record<"1h" | "24h" | "7d" | "older", number>>;
  /** The ids of five of them. */
  readonly samples: readonly string[];
  /** The filter as the run would fix it, with durations turned into times. */
  readonly filter: BulkFilter;
}

const PAGE = 500;
const MOST_LANES = 20;
const SAMPLES = 5;

export async function preview(
  pinned: Pinned,
  { action, pace = DEFAULT_PACE }: BulkRequest,
  next: (pinned: Pinned, page: BulkPage) => Promise<FoundPage>,
  now: number,
): Promise<BulkPreview> {
  const all: Found[] = [];
  let after: string | null = null;
  for await (const page of pagesAhead(pinned, { run: { id: "", action }, after, limit: PAGE, now }, next)) {
    all.push(...page.found);
    after = page.last;
  }
  const changed = all.filter(({ decision }) => decision.kind !== "skip");
  const lanes = [...Map.groupBy(changed, ({ lane }) => lane)]
    .map(([lane, { length: n }]) => ({ lane, n, seconds: Math.ceil(n / pace) }))
    .sort((one, other) => other.n - one.n)
    .slice(0, MOST_LANES);
  const ages = { "1h": 0, "24h": 0, "7d": 0, older: 0 };
  for (const { createdAt } of all) ages[ageOf(now - createdAt)]++;
  return {
    matched: { n: all.length, atLeast: after !== null },
    changed: changed.length,
    skipped: counted(all, ({ decision }) => (decision.kind === "skip" ? decision.reason : undefined)),
    lanes,
    classes: counted(all, (each) => each.class ?? undefined),
    ages,
    samples: changed.slice(0, SAMPLES).map(({ id }) => id),
    filter: requested(action, pinned).filter,
  };
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
