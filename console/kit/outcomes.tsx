import { Bar, Bars } from "./bars.tsx";

interface Delivered {
  readonly outcome: string;
  readonly duration_ms: number;
}

const HEIGHT = 18;
const LOWEST = 5;
/** What takes a tenth of a second is half as high as what takes ten. */
const SHORTEST_MS = 1;
const LONGEST_MS = 10_000;

/** How the last deliveries went, a bar each: the longer it took the higher, and in another colour at full height if it failed. */
export function Outcomes({
  newestFirst,
  label,
}: {
  readonly newestFirst: readonly Delivered[];
  readonly label: string;
}) {
  if (newestFirst.length === 0) return null;
  return (
    <Bars count={newestFirst.length} height={HEIGHT} label={label}>
      {newestFirst.toReversed().map(({ outcome, duration_ms }, at) => {
        const isGood = outcome === "succeeded";
        const height = isGood ? heightOf(duration_ms) : HEIGHT;
        return (
          <Bar
            key={at}
            at={at}
            y={HEIGHT - height}
            height={height}
            kind={isGood ? "is-good" : "is-bad"}
            rx={1}
          />
        );
      })}
    </Bars>
  );
}

function heightOf(ms: number): number {
  const share = Math.log(Math.max(SHORTEST_MS, ms) / SHORTEST_MS) / Math.log(LONGEST_MS / SHORTEST_MS);
  return LOWEST + Math.min(1, share) * (HEIGHT - LOWEST);
}
