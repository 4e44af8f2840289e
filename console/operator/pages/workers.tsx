import type { z } from "zod";
import type { WorkerAnswer, workerPage } from "../../../src/http/schemas/fleet.ts";
import type { StatsAnswer } from "../../../src/http/schemas/stats.ts";
import { useAsked } from "../live/asked.ts";
import { second } from "../live/beat.ts";
import { offers, serverNow, tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { Empty, Facts, Head, Loading, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { Tasks } from "../parts/tasks.tsx";
import { span } from "../rules/times.ts";

/** The processes that run jobs. */
export function Workers() {
  const { data, error, again } = useAsked<z.infer<typeof workerPage>>("/workers");
  const taking = data?.data.filter(({ draining, drain_asked_at }) => !draining && !drain_asked_at) ?? [];
  return (
    <>
      <Head title="Workers" note="The processes that run jobs." />
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data?.data.length === 0 && (
        <Empty title="No worker is alive">
          <p>Jobs are accepted, but none runs until you start one: posthorn worker, or posthorn serve.</p>
        </Empty>
      )}
      <div class="stack">
        {offers("GET /stats") && <Unhandled />}
        <div class="cards">
          {data?.data.map((worker) => (
            <Worker key={worker.worker_id} of={worker} isLast={taking.length < 2} drained={again} />
          ))}
        </div>
      </div>
      {offers("GET /tasks") && <Tasks />}
    </>
  );
}

/** Tasks with due jobs that no living worker handles; nothing while there are no such tasks. */
function Unhandled() {
  const { data } = useAsked<StatsAnswer>("/stats?span=1m");
  if (!data || data.now.unhandled.length === 0) return null;
  return (
    <section class="card">
      <h2 class="flush">Due, but no living worker handles it</h2>
      <ul class="plain">
        {data.now.unhandled.map(({ task, oldest_due_at }) => (
          <li key={task} class="line">
            <a href={`${pageAt("jobs")}?status=queued&task=${encodeURIComponent(task)}`}>{task}</a>{" "}
            <span class="faint">
              oldest due <Time at={oldest_due_at} />
            </span>
          </li>
        ))}
      </ul>
      <p class="faint">
        Start a worker that knows the task: posthorn worker --tasks FILE. Counted{" "}
        <Time at={data.now.counted_at} />.
      </p>
    </section>
  );
}

interface WorkerProps {
  readonly of: WorkerAnswer;
  /** Whether no other takes jobs. */
  readonly isLast: boolean;
  drained(): void;
}

function Worker({ of: worker, isLast, drained }: WorkerProps) {
  const { host, pid, draining, drain_asked_at, running, tasks } = worker;
  return (
    <article class="card">
      <div class="line">
        <h2 class="flush">
          {host} <span class="faint">pid {pid}</span>
        </h2>
        {draining ? (
          <Status of="draining" />
        ) : drain_asked_at ? (
          <Status of="asked_to_drain" />
        ) : (
          <AskFirst
            label="Drain"
            takes="admin"
            danger
            title={`Drain ${host}, pid ${pid}?`}
            act={() => tell(`/workers/${encodeURIComponent(worker.worker_id)}/drain`)}
            done={drained}
          >
            <Drained running={running} isLast={isLast} />
          </AskFirst>
        )}
      </div>
      {draining && (
        <p class="faint">
          {running === 0 && drain_asked_at
            ? "It runs nothing, and takes no more jobs: its process can be stopped."
            : "It takes no more jobs, and finishes those that it runs."}
        </p>
      )}
      <Facts of={factsOf(worker)} />
      <p class="chips">
        {tasks.map((task) => (
          <a key={task} href={`${pageAt("jobs")}?task=${encodeURIComponent(task)}`}>
            {task}
          </a>
        ))}
      </p>
    </article>
  );
}

function factsOf(worker: WorkerAnswer) {
  const { concurrency, slots_held: held, running, claims_per_second: claims, loop_delay_ms: late } = worker;
  const slots = running === null ? `${concurrency}, idle` : `${running} of ${concurrency} in use`;
  return [
    ["Slots", held > 0 ? `${slots}; ${held} held by handlers that do not end` : slots],
    ["Claims", claims === null ? "–" : `${claims.toLocaleString("en")} a second`],
    ["Event loop", late === null ? "–" : `late by ${span(late)} at most, in 99 of 100 cases`],
    ["Version", worker.version],
    ["Started", <Time key="started" at={worker.started_at} />],
    ["Last seen", <Time key="seen" at={worker.seen_at} />],
    ["Lease", <Lease key="lease" of={worker} />],
  ] as const;
}

/** For how long its jobs are still its own. On SQLite an idle worker has none to keep, and lets the lease run out. */
function Lease({ of: { deadline, running } }: { readonly of: WorkerAnswer }) {
  const left = Date.parse(deadline) - (second.value >= 0 ? serverNow() : 0);
  if (left > 0) return <span title={deadline}>{span(left)} left</span>;
  if (!running) return <span class="faint">ran out while it was idle</span>;
  return (
    <span class="warn" title={deadline}>
      ran out <Time at={deadline} />: others may take its jobs
    </span>
  );
}

function Drained({ running, isLast }: { readonly running: number | null; readonly isLast: boolean }) {
  return (
    <>
      <p>
        Within five seconds it stops claiming jobs, and then finishes those that it runs
        {running ? ` (${running})` : ""}, however long they take. Its process keeps running: a server still
        answers requests.
      </p>
      {isLast && <p class="error">No other worker claims jobs: until one starts, all of them wait.</p>}
      <p class="faint">This cannot be undone: to have it work again, restart its process.</p>
    </>
  );
}
