import { METRICS } from "../src/observe/metrics/catalogue.ts";
import { sampledName } from "../src/observe/metrics/exposition.ts";

const BEGIN = "<!-- Every metric: written by `npm run api` from src/observe/metrics/catalogue.ts. -->\n";
const END = "<!-- The end of what is written. -->\n";

/** The guide with the table of all metrics as they are now. @throws Error when the place of the table is not marked. */
export function withMetricsTable(guide: string): string {
  const [before, rest, ...more] = guide.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0)
    throw new Error(`docs/metrics.md needs these two lines, once each, around its table:\n${BEGIN}${END}`);
  const rows = Object.values(METRICS).map(
    (metric) => `| \`${sampledName(metric)}\` | ${metric.type} | ${metric.help} |\n`,
  );
  return `${before}${BEGIN}\n| name | type | |\n|---|---|---|\n${rows.join("")}\n${END}${after}`;
}
