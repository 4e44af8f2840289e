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
  readonly change: Readonly<Record<string, { readonly was?: unknown; readonly is?: unknown }>>;
}

interface Found {
  readonly at: number;
  /** What is done in the same way has the same words here. */
  readonly what: string;
  readonly label: (n: number) => string;
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
/** Workers that start so soon before or after the first one of their version belong to its deploy. */
const TOGETHER_SECONDS = 60;

/**
 * The newest, oldest first. What was done within the same step in the same way is one.
 * @param from seconds since the epoch.
 */
export function chartMarks(
  workers: readonly Started[],
  audit: readonly Done[],
  { from, stepSeconds }: { readonly from: number; readonly stepSeconds: number },
): readonly ChartMark[] {
  const deploys = audit.filter(({ action }) => action === "worker.version");
  const isMarked = ({ started_at, version }: Started) =>
    deploys.some(
      ({ at, change }) =>
        change.version?.is === version &&
        Math.abs(secondsOf(at) - secondsOf(started_at)) <= Math.max(stepSeconds, TOGETHER_SECONDS),
    );
  const found = [
    ...workers.filter((worker) => !isMarked(worker)).map(start),
    ...deploys.map(deploy),
    ...audit.flatMap(deed),
  ].filter(({ at }) => at >= from);
  const alike = Map.groupBy(found, ({ at, what }) => `${Math.floor(at / stepSeconds)} ${what}`);
  return [...alike.values()]
    .map((some) => ({ at: Math.min(...some.map(({ at }) => at)), label: some[0]?.label(some.length) ?? "" }))
    .sort((one, other) => one.at - other.at)
    .slice(-MOST);
}

function start({ started_at, version }: Started): Found {
  return {
    ...{ at: secondsOf(started_at), what: `started, version ${version}` },
    label: (n) => `${n === 1 ? "worker" : `${n} workers`} started, version ${version}`,
  };
}

function deploy({ at, change }: Done): Found {
  const { was, is } = change.version ?? {};
  const what = typeof was === "string" ? `version ${is} in place of ${was}` : `worker started, version ${is}`;
  return { at: secondsOf(at), what, label: () => what };
}

function deed({ at, actor, action, target }: Done): readonly Found[] {
  const words = WORDS[action];
  if (words === undefined) return [];
  const label = (n: number) =>
    n === 1 ? `${words} by ${actor}: ${target}` : `${words} by ${actor}, ${n} times`;
  return [{ at: secondsOf(at), what: `${action} ${actor}`, label }];
}

function secondsOf(at: string): number {
  return Date.parse(at) / 1_000;
}
