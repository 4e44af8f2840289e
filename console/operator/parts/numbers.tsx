import type { StatsAnswer } from "../../../src/http/schemas/stats.ts";
import { useAsked } from "../live/asked.ts";
import { span as spanOf } from "../rules/times.ts";
import { Chart } from "./chart.tsx";
import { Field } from "./field.tsx";
import { Loading, pageAt, Time } from "./marks.tsx";
import { search, useQuery } from "./query.ts";

const SPANS = ["1m", "1h", "24h", "30d"];
const QUANTILES = [
  ["p50", "--succeeded"],
  ["p95", "--queued"],
  ["p99", "--failed"],
] as const;

/** How much, how fast, how much waits; the address says since when, and of which task. */
export function Numbers() {
  const { query, change, linkWith } = useQuery();
  const { span = "1h", task } = query;
  const { data, error } = useAsked<StatsAnswer>(`/stats${search({ span, task })}`);
  return (
    <section>
      {data ? <Tiles now={data.now} /> : !error && <Loading />}
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <div class="tabs">
          {SPANS.map((each) => (
            <a key={each} href={linkWith({ span: each })} aria-current={each === span ? "true" : undefined}>
              {each}
            </a>
          ))}
        </div>
        <Field name="Task" value={task} set={(value) => change({ task: value })} />
      </form>
      {data && <Charts data={data} isOpen={span !== "1m"} />}
    </section>
  );
}

function Tiles({ now }: { readonly now: StatsAnswer["now"] }) {
  const jobs = (status: string) => `${pageAt("jobs")}?status=${status}`;
  return (
    <>
      <div class="tiles">
        <Tile name="Ready" value={String(now.ready)} to={jobs("queued")} />
        <Tile name="Scheduled" value={String(now.scheduled)} to={jobs("queued")} />
        {now.parked > 0 && <Tile name="Held" value={String(now.parked)} to={jobs("queued")} />}
        <Tile name="Running" value={String(now.running)} to={jobs("running")} />
        <Tile name="Failed" value={`${now.failed.n}${now.failed.at_least ? "+" : ""}`} to={jobs("failed")} />
        <Tile
          name="Oldest due"
          value={now.oldest_due_seconds === null ? "–" : spanOf(now.oldest_due_seconds * 1_000)}
        />
      </div>
      <p class="faint counted">
        Counted <Time at={now.counted_at} />
        {now.at_least && ", up to 10 001 of each"}.
      </p>
    </>
  );
}

function Tile({ name, value, to }: { readonly name: string; readonly value: string; readonly to?: string }) {
  return (
    <div class="tile">
      <span>{name}</span>
      {to ? <a href={to}>{value}</a> : <b>{value}</b>}
    </div>
  );
}

function Charts({ data, isOpen }: { readonly data: StatsAnswer; readonly isOpen: boolean }) {
  const { points, step_seconds } = data;
  const at = points.map((point) => Date.parse(point.at) / 1_000);
  const perSecond = (series: "accepted" | "succeeded" | "failed" | "retried") =>
    points.map((point) => point[series] / step_seconds);
  const quantiles = (of: "wait_ms" | "attempt_ms") =>
    QUANTILES.map(([name, colour]) => ({
      name,
      values: points.map((point) => point[of]?.[name] ?? null),
      colour,
    }));
  return (
    <>
      <Chart
        name="Jobs per second"
        of="number"
        at={at}
        isOpen={isOpen}
        series={[
          { name: "accepted", values: perSecond("accepted"), colour: "--queued" },
          { name: "succeeded", values: perSecond("succeeded"), colour: "--succeeded" },
          { name: "failed", values: perSecond("failed"), colour: "--failed" },
          { name: "retried", values: perSecond("retried"), colour: "--accent" },
        ]}
      />
      <div class="two even charts">
        <Chart name="Waited, once due" of="duration" at={at} series={quantiles("wait_ms")} isOpen={isOpen} />
        <Chart name="Attempts took" of="duration" at={at} series={quantiles("attempt_ms")} isOpen={isOpen} />
      </div>
    </>
  );
}
