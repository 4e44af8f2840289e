import { Bar, Bars } from "./bars.tsx";

interface Hour {
  readonly good: number;
  readonly bad: number;
}

const HEIGHT = 24;
/** Even what is much less than the most can be seen. */
const LEAST = 2;

/** How much happened in each hour, the oldest first: a bar each, what went wrong on top of what went well. */
export function Hours({ hours, label }: { readonly hours: readonly Hour[]; readonly label: string }) {
  const most = Math.max(...hours.map(({ good, bad }) => good + bad));
  const heightOf = (n: number) => (n === 0 ? 0 : Math.max(LEAST, (n / most) * (HEIGHT - LEAST)));
  return (
    <Bars count={hours.length} height={HEIGHT} label={label}>
      {hours.map(({ good, bad }, at) => {
        const low = heightOf(good);
        const high = Math.min(heightOf(bad), HEIGHT - low);
        return (
          <g key={at}>
            {good > 0 && <Bar at={at} y={HEIGHT - low} height={low} kind="is-good" />}
            {bad > 0 && <Bar at={at} y={HEIGHT - low - high} height={high} kind="is-bad" />}
            {good + bad === 0 && <Bar at={at} y={HEIGHT - 1} height={1} kind="is-none" />}
          </g>
        );
      })}
    </Bars>
  );
}
