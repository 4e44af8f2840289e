interface Delivered {
  readonly outcome: string;
  readonly duration_ms: number;
}

const WIDTH = 4;
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
    <svg
      class="outcomes"
      role="img"
      aria-label={label}
      width={newestFirst.length * WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${newestFirst.length * WIDTH} ${HEIGHT}`}
    >
      <title>{label}</title>
      {newestFirst.toReversed().map(({ outcome, duration_ms }, at) => {
        const isGood = outcome === "succeeded";
        const height = isGood ? heightOf(duration_ms) : HEIGHT;
        return (
          <rect
            key={at}
            class={isGood ? "is-good" : "is-bad"}
            x={at * WIDTH}
            y={HEIGHT - height}
            width={WIDTH - 1}
            height={height}
            rx="1"
          />
        );
      })}
    </svg>
  );
}

function heightOf(ms: number): number {
  const share = Math.log(Math.max(SHORTEST_MS, ms) / SHORTEST_MS) / Math.log(LONGEST_MS / SHORTEST_MS);
  return LOWEST + Math.min(1, share) * (HEIGHT - LOWEST);
}
