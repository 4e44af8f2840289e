import { useState } from "preact/hooks";
import type { StatsAnswer } from "../../../src/http/schemas/stats.ts";
import { useAsked } from "../live/asked.ts";
import { Chart } from "./chart.tsx";
import { pageAt, Time } from "./marks.tsx";

const SPANS = ["1m", "1h", "24h", "30d"] as const;

/** How much, how fast, how much waits. */
export function Numbers() {
  const [span, setSpan] = useState<(typeof SPANS)[number]>("1h");
  const { data } = useAsked<StatsAnswer>(`/stats?span=${span}`);
  if (!data?.now) return null;
  const { now, points, step_seconds } = data;
  const perSecond = (series: "accepted" | "succeeded" | "failed" | "retried") =>
    points.map((point) => point[series] / step_seconds);
  return (
    <section>
      <div class="tiles">
        <Tile name="Ready" value={String(now.ready)} to={`${pageAt("jobs")}?status=queued`} />
        <Tile name="Scheduled" value={String(now.scheduled)} to={`${pageAt("jobs")}?status=queued`} />
        <Tile name="Running" value={String(now.running)} to={`${pageAt("jobs")}?status=running`} />
        <Tile
          name="Failed"
          value={`${now.failed.n}${now.failed.at_least ? "+" : ""}`}
          to={`${pageAt("jobs")}?status=failed`}
        />
        <Tile
          name="Oldest due"
          value={now.oldest_due_seconds === null ? "–" : `${Math.round(now.oldest_due_seconds)} s`}
        />
      </div>
      <p class="faint counted">
        Counted <Time at={now.counted_at} />
        {now.at_least && ", up to 10 001 of each"}.
      </p>
      <div class="tabs">
        {SPANS.map((each) => (
          <button key={each} type="button" aria-pressed={each === span} onClick={() => setSpan(each)}>
            {each}
          </button>
        ))}
      </div>
      <Chart
        name="Jobs a second"
        at={points.map(({ at }) => Date.parse(at) / 1_000)}
        series={[
          { name: "accepted", values: perSecond("accepted"), colour: "--queued" },
          { name: "succeeded", values: perSecond("succeeded"), colour: "--succeeded" },
          { name: "failed", values: perSecond("failed"), colour: "--failed" },
          { name: "retried", values: perSecond("retried"), colour: "--accent" },
        ]}
      />
    </section>
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
