import type { EndpointStatsAnswer, StatsAnswer } from "../../../src/http/schemas/stats.ts";
import { useAsked } from "../live/asked.ts";
import type { ChartMark } from "../rules/chart-marks.ts";
import { spanOf, spansOf } from "../rules/spans.ts";
import { span as spanText } from "../rules/times.ts";
import { ChangeList, useChanges } from "./changes-since.tsx";
import { Chart } from "./chart.tsx";
import { EndpointField, endpointAt } from "./endpoints/endpoint-field.tsx";
import { Field } from "./field.tsx";
import { Filters } from "./filters.tsx";
import { Loading, pageAt, Time, Trouble } from "./marks.tsx";
import { search, useQuery } from "./query.ts";

const QUANTILES = [
  ["p50", "--succeeded"],
  ["p95", "--queued"],
  ["p99", "--failed"],
] as const;

/** How much, how fast, how much waits; the address says since when, and of which task or endpoint. */
export function Numbers() {
  const { query, change } = useQuery();
  const { task, tenant, endpoint } = query;
  const span = spanOf(query);
  const server = useAsked<StatsAnswer>(`/stats${search({ span: endpoint ? "1h" : span, task })}`);
  const own = useAsked<EndpointStatsAnswer>(
    endpoint && tenant ? `${endpointAt(tenant, endpoint)}/stats${search({ span })}` : null,
  );
  const shown = endpoint ? own.data : server.data;
  const first = shown?.points[0];
  const changes = useChanges(first && Date.parse(first.at) / 1_000, shown?.step_seconds ?? 1);
  return (
    <section>
      {server.data ? (
        <Tiles now={server.data.now} isAll={!task && !endpoint} />
      ) : (
        !server.error && <Loading />
      )}
      <Filters>
        <Spans chosen={span} />
        <Field
          name="Task"
          value={task}
          set={(value) => change({ task: value, tenant: undefined, endpoint: undefined })}
        />
        <EndpointField />
      </Filters>
      <Trouble error={own.error} />
      {shown && (
        <Charts
          points={shown.points}
          stepSeconds={shown.step_seconds}
          isOpen={span !== "1m"}
          marks={changes.marks}
        />
      )}
      {shown && (
        <>
          <p class="faint counted">
            {endpoint
              ? "Of all processes, by the hour. Accepted jobs and waits are not counted by endpoint."
              : server.data?.of === "process"
                ? "Of the process that answers, second by second."
                : "Of all processes on the database."}
          </p>
          <ChangeList of={changes} />
        </>
      )}
    </section>
  );
}

function Spans({ chosen }: { readonly chosen: string }) {
  const { query, linkWith } = useQuery();
  return (
    <div class="tabs">
      {spansOf(query).map(([each, hindrance]) =>
        hindrance ? (
          <button key={each} type="button" disabled title={hindrance}>
            {each}
          </button>
        ) : (
          <a key={each} href={linkWith({ span: each })} aria-current={each === chosen ? "true" : undefined}>
            {each}
          </a>
        ),
      )}
    </div>
  );
}

function Tiles({ now, isAll }: { readonly now: StatsAnswer["now"]; readonly isAll: boolean }) {
  const jobs = (conditions: Readonly<Record<string, string>>) => `${pageAt("jobs")}${search(conditions)}`;
  const oldest = now.oldest_due_job_id;
  return (
    <>
      <div class="tiles">
        <Tile name="Ready" value={String(now.ready)} to={jobs({ waiting: "ready" })} />
        <Tile name="Scheduled" value={String(now.scheduled)} to={jobs({ waiting: "scheduled" })} />
        {now.parked > 0 && <Tile name="Held" value={String(now.parked)} to={jobs({ waiting: "held" })} />}
        <Tile name="Running" value={String(now.running)} to={jobs({ status: "running" })} />
        <Tile
          name="Failed"
          value={`${now.failed.n}${now.failed.at_least ? "+" : ""}`}
          to={jobs({ status: "failed" })}
        />
        <Tile
          name="Oldest due"
          value={now.oldest_due_seconds === null ? "–" : spanText(now.oldest_due_seconds * 1_000)}
          {...(oldest && { to: pageAt("jobs", oldest) })}
        />
      </div>
      <p class="faint counted">
        Counted <Time at={now.counted_at} />
        {now.at_least && ", up to 10 001 of each"}
        {!isAll && "; of all tasks and endpoints"}.
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

/** As both kinds of statistics have them. */
interface Point {
  readonly at: string;
  readonly accepted?: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly retried: number;
  readonly wait_ms?: Quantiles;
  readonly attempt_ms: Quantiles;
}
type Quantiles = StatsAnswer["points"][number]["attempt_ms"];

interface ChartsProps {
  readonly points: readonly Point[];
  readonly stepSeconds: number;
  readonly isOpen: boolean;
  readonly marks: readonly ChartMark[];
}

const COUNTED = [
  ["accepted", "--queued"],
  ["succeeded", "--succeeded"],
  ["failed", "--failed"],
  ["retried", "--accent"],
] as const;

function Charts({ points, stepSeconds, isOpen, marks }: ChartsProps) {
  const same = { at: points.map((point) => Date.parse(point.at) / 1_000), isOpen, marks };
  const has = (name: keyof Point) => points.some((point) => point[name] !== undefined);
  const quantiles = (of: "wait_ms" | "attempt_ms") =>
    QUANTILES.map(([name, colour]) => ({
      ...{ name, colour },
      values: points.map((point) => point[of]?.[name] ?? null),
    }));
  const series = COUNTED.filter(([name]) => has(name)).map(([name, colour]) => ({
    ...{ name, colour },
    values: points.map((point) => (point[name] ?? 0) / stepSeconds),
  }));
  return (
    <>
      <Chart {...same} name="Jobs per second" of="number" series={series} />
      <div class={has("wait_ms") ? "two even charts" : "charts"}>
        {has("wait_ms") && (
          <Chart {...same} name="Waited, once due" of="duration" series={quantiles("wait_ms")} />
        )}
        <Chart {...same} name="Attempts took" of="duration" series={quantiles("attempt_ms")} />
      </div>
    </>
  );
}
