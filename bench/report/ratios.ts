import {
  cpuPerDelivery,
  deliveredPerSecond,
  deliveryP50,
  deliveryP99,
  type Figure,
  jobsPerSecond,
  median,
  medianInterval,
} from "./figures.ts";
import type { Result } from "./result.ts";

const COMPARED = [deliveredPerSecond, jobsPerSecond, deliveryP50, deliveryP99, cpuPerDelivery];

/**
 * Posthorn by each of the others, of one scenario. Of every round the ratio is taken, and of those the median: the runs of a
 * round stand next to each other, so that most of what the machine was doing cancels out. From six rounds on, in brackets, the interval that
 * holds the true median in 95 of 100 such series.
 */
export function ratiosOf(results: readonly Result[]): string[] {
  const counted = results.filter((result) => result.void === undefined);
  const names = [...new Set(counted.map(({ system }) => system))];
  const ours = names.filter((name) => name.startsWith("posthorn-") && !name.endsWith("-against"));
  return ours.flatMap((our) =>
    names
      .filter((name) => !ours.includes(name) && isBeside(our, name))
      .flatMap((other) => {
        const ratios = COMPARED.flatMap((figure) => ratioOf(figure, counted, our, other));
        return ratios.length > 0 ? [`${our} ÷ ${other}: ${ratios.join(", ")}`] : [];
      }),
  );
}

/** The same product of another checkout is compared on the same database only. */
function isBeside(our: string, other: string): boolean {
  return !other.endsWith("-against") || other === `${our}-against`;
}

function ratioOf(figure: Figure, results: readonly Result[], our: string, other: string): string[] {
  const ratios = results.flatMap((result) => {
    const compared = results.find(({ system, round }) => system === other && round === result.round);
    if (result.system !== our || !compared) return [];
    const ratio = (figure.of(result) ?? Number.NaN) / (figure.of(compared) ?? Number.NaN);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  const middle = median(ratios);
  if (middle === undefined) return [];
  const interval = medianInterval(ratios);
  const shown = interval ? ` [${interval.map((bound) => bound.toFixed(3)).join(", ")}]` : "";
  return [`${figure.name} ${middle.toFixed(3)}${shown}`];
}
