interface Hour {
  readonly good: number;
  readonly bad: number;
}

const WIDTH = 4;
const HEIGHT = 24;
/** Even what is much less than the most can be seen. */
const LEAST = 2;

/** How much happened in each hour, the oldest first: a bar each, what went wrong on top of what went well. */
export function Hours({ hours, label }: { readonly hours: readonly Hour[]; readonly label: string }) {
  const most = Math.max(...hours.map(({ good, bad }) => good + bad));
  const heightOf = (n: number) => (n === 0 ? 0 : Math.max(LEAST, (n / most) * (HEIGHT - LEAST)));
  return (
    <svg
      class="outcomes"
      role="img"
      aria-label={label}
      width={hours.length * WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${hours.length * WIDTH} ${HEIGHT}`}
    >
      <title>{label}</title>
      {hours.map(({ good, bad }, at) => {
        const [low, high] = [heightOf(good), heightOf(bad)];
        return (
          <g key={at}>
            <Bar at={at} from={0} height={low} kind="is-good" />
            <Bar at={at} from={low} height={Math.min(high, HEIGHT - low)} kind="is-bad" />
            {low + high === 0 && <Bar at={at} from={0} height={1} kind="is-none" />}
          </g>
        );
      })}
    </svg>
  );
}

function Bar(props: {
  readonly at: number;
  readonly from: number;
  readonly height: number;
  readonly kind: string;
}) {
  const { at, from, height, kind } = props;
  if (height === 0) return null;
  return <rect class={kind} x={at * WIDTH} y={HEIGHT - from - height} width={WIDTH - 1} height={height} />;
}
