/** A change that may explain what a chart shows after it. */
export interface ChartMark {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly label: string;
}

interface Started {
  readonly started_at: string;
  readonly version: string;
}

interface Done {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
}

const WORDS: Readonly<Record<string, string>> = {
  "endpoint.pause": "endpoint paused",
  "endpoint.resume": "endpoint resumed",
  "endpoint.disable": "endpoint disabled",
  "endpoint.enable": "endpoint enabled",
  "schedule.pause": "schedule paused",
  "schedule.resume": "schedule resumed",
  "worker.drain": "worker asked to drain",
};
/** More would hide the chart. */
const MOST = 20;

/**
 * The newest, oldest first. What was done within the same step in the same way is one.
 * @param from seconds since the epoch.
 */
export function chartMarks(
  workers: readonly Started[],
  audit: readonly Done[],
  { from, stepSeconds }: { readonly from: number; readonly stepSeconds: number },
): readonly ChartMark[] {
  const found = [
    ...workers.map(({ started_at, version }) => ({
      ...{ at: secondsOf(started_at), what: `started, version ${version}` },
      label: (n: number) => `${n === 1 ? "worker" : `${n} workers`} started, version ${version}`,
    })),
    ...audit.flatMap(({ at, actor, action, target }) => {
      const words = WORDS[action];
      if (words === undefined) return [];
      const label = (n: number) =>
        n === 1 ? `${words} by ${actor}: ${target}` : `${words} by ${actor}, ${n} times`;
      return [{ at: secondsOf(at), what: `${action} ${actor}`, label }];
    }),
  ].filter(({ at }) => at >= from);
  const alike = Map.groupBy(found, ({ at, what }) => `${Math.floor(at / stepSeconds)} ${what}`);
  return [...alike.values()]
    .map((some) => ({ at: Math.min(...some.map(({ at }) => at)), label: some[0]?.label(some.length) ?? "" }))
    .sort((one, other) => one.at - other.at)
    .slice(-MOST);
}

function secondsOf(at: string): number {
  return Date.parse(at) / 1_000;
}
