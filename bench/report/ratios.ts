import {
  cpuPerDelivery,
  deliveredPerSecond,
  deliveryP50,
  deliveryP99,
  type Figure,
  jobsPerSecond,
  median,
} from "./figures.ts";
import type { Result } from "./result.ts";

const COMPARED = [deliveredPerSecond, jobsPerSecond, deliveryP50, deliveryP99, cpuPerDelivery];

/**
 * Posthorn by each of the others, of one scenario. Of every round the ratio is taken, and of those the median: the runs of a
 * round stand next to each other, so that most of the machine's mood falls out.
 */
export function ratiosOf(results: readonly Result[]): string[] {
  const counted = results.filter((result) => result.void === undefined);
  const names = [...new Set(counted.map(({ system }) => system))];
  const ours = names.filter((name) => name.startsWith("posthorn-"));
  return ours.flatMap((our) =>
    names
      .filter((name) => !ours.includes(name))
      .flatMap((other) => {
        const ratios = COMPARED.flatMap((figure) => ratioOf(figure, counted, our, other));
        return ratios.length > 0 ? [`${our} ÷ ${other}: ${ratios.join(", ")}`] : [];
      }),
  );
}

function ratioOf(figure: Figure, results: readonly Result[], our: string, other: string): string[] {
  const ratios = results.flatMap((result) => {
    const beside = results.find(({ system, round }) => system === other && round === result.round);
    if (result.system !== our || !beside) return [];
    const ratio = (figure.of(result) ?? Number.NaN) / (figure.of(beside) ?? Number.NaN);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  const middle = median(ratios);
  return middle === undefined ? [] : [`${figure.name} ${middle.toFixed(2)}`];
}
