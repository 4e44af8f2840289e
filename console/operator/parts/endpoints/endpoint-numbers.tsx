import type { EndpointStatsAnswer } from "../../../../src/http/schemas/stats.ts";
import { useAsked } from "../../live/asked.ts";
import { Chart } from "../chart.tsx";
import { Trouble } from "../marks.tsx";
import { search, useQuery } from "../query.ts";

const SPANS = ["24h", "7d", "30d"];
const SERIES = [
  ["succeeded", "--succeeded"],
  ["failed", "--failed"],
  ["retried", "--accent"],
] as const;
const QUANTILES = [
  ["p50", "--succeeded"],
  ["p95", "--queued"],
  ["p99", "--failed"],
] as const;

/** How an endpoint's deliveries went, hour by hour. @param at the endpoint's path. */
export function EndpointNumbers({ at: path }: { readonly at: string }) {
  const { query, linkWith } = useQuery();
  const { span = "24h" } = query;
  const { data, error } = useAsked<EndpointStatsAnswer>(`${path}/stats${search({ span })}`);
  const points = data?.points ?? [];
  const at = points.map((point) => Date.parse(point.at) / 1_000);
  return (
    <section class="hours">
      <div class="line">
        <h2>Hour by hour</h2>
        <div class="tabs">
          {SPANS.map((each) => (
            <a key={each} href={linkWith({ span: each })} aria-current={each === span ? "true" : undefined}>
              {each}
            </a>
          ))}
        </div>
      </div>
      <Trouble error={error} />
      {data && (
        <div class="two even charts">
          <Chart
            name="Deliveries per hour"
            of="number"
            at={at}
            isOpen
            series={SERIES.map(([name, colour]) => ({
              name,
              values: points.map((point) => point[name]),
              colour,
            }))}
          />
          <Chart
            name="Attempts took"
            of="duration"
            at={at}
            isOpen
            series={QUANTILES.map(([name, colour]) => ({
              name,
              values: points.map((point) => point.attempt_ms?.[name] ?? null),
              colour,
            }))}
          />
        </div>
      )}
    </section>
  );
}
