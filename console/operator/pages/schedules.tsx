import { useLocation } from "preact-iso";
import type { z } from "zod";
import type { ScheduleAnswer, schedulePage, scheduleRun } from "../../../src/http/schemas/fleet.ts";
import type { Column } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { serverNow, tell } from "../live/server.ts";
import { zone } from "../live/settings.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { Condition, Filters, Tabs } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { Empty, Head, pageAt, Snippet, Status, Time } from "../parts/marks.tsx";
import { search, useQuery } from "../parts/query.ts";
import { cronWords } from "../rules/cron-words.ts";
import { absolute, span } from "../rules/times.ts";

const MISSED: Readonly<Record<ScheduleAnswer["missed"], string>> = {
  skip: "are skipped",
  once: "are made up for by one run",
  all: "are each made up for",
};

/** A run is this late while its process is busy, or the page is. */
const LATE_MS = 5_000;

/** Recurring jobs. */
export function Schedules() {
  const asked = useAsked<z.infer<typeof schedulePage>>("/schedules");
  const { query } = useQuery();
  const all = asked.data?.data ?? [];
  const text = (query.text ?? "").toLowerCase();
  const shown = all.filter(
    ({ name, task, paused }) =>
      `${name} ${task}`.toLowerCase().includes(text) &&
      (query.state === undefined || (query.state === "paused") === paused),
  );
  const columns: readonly Column<ScheduleAnswer>[] = [
    { name: "Name", cell: ({ name }) => <strong>{name}</strong> },
    { name: "When", cell: (schedule) => <When schedule={schedule} /> },
    {
      name: "Task",
      cell: ({ task }) => <a href={`${pageAt("jobs")}?task=${encodeURIComponent(task)}`}>{task}</a>,
    },
    {
      name: "Next",
      label: "next",
      cell: (schedule) => (schedule.paused ? <Status of="paused" /> : <Next of={schedule} />),
    },
    { name: "Last", label: "last", cell: (schedule) => <Last of={schedule} /> },
    { name: "Missed runs", label: "missed runs", cell: ({ missed }) => MISSED[missed] },
    { name: "", cell: (schedule) => <Actions schedule={schedule} done={asked.again} /> },
  ];
  return (
    <>
      <Head title="Schedules" note="Recurring jobs, as your programs declare them.">
        <AllOfThem of={all} done={asked.again} />
      </Head>
      {all.length > 0 && (
        <Filters>
          <Tabs of="state" among={[undefined, "active", "paused"]} />
          <Condition of="text" name="With" placeholder="a name or a task" />
        </Filters>
      )}
      <List
        caption="Schedules, by name"
        asked={{ ...asked, data: asked.data && { ...asked.data, data: shown } }}
        columns={columns}
        keyOf={({ name }) => name}
        empty={
          all.length > 0 ? (
            <Empty title="Nothing matches">
              <p>
                <a href={pageAt("schedules")}>Show all schedules</a>
              </p>
            </Empty>
          ) : (
            <Empty title="No schedules">
              <p>A program declares them:</p>
              <Snippet text={'schedules: [schedule("nightly", { cron: "0 3 * * *", … })]'} />
            </Empty>
          )
        }
      />
    </>
  );
}

/** The next run, and those after it, as they are here and where the schedule is. */
function Next({ of: { next_at, next_runs, time_zone } }: { readonly of: ScheduleAnswer }) {
  const lateMs = next_at === null ? 0 : serverNow() - Date.parse(next_at);
  const next = lateMs > LATE_MS ? <span class="warn">late by {span(lateMs)}</span> : <Time at={next_at} />;
  if (next_runs.length < 2) return next;
  return (
    <details>
      <summary>{next}</summary>
      <ol>
        {next_runs.map((at) => (
          <li key={at}>
            <Time at={at} exact />
            {time_zone !== zone() && (
              <span class="faint short">
                {" "}
                · {absolute(Date.parse(at), time_zone)} in {time_zone}
              </span>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** When it last made jobs: opens them. */
function Last({ of: { task, last_at } }: { readonly of: ScheduleAnswer }) {
  if (last_at === null) return <Time at={null} />;
  // an id may be a little ahead of the clock that it was made by
  const created_before = new Date(Date.parse(last_at) + 1_000).toISOString();
  return (
    <a href={`${pageAt("jobs")}${search({ task, created_from: last_at, created_before })}`}>
      <Time at={last_at} />
    </a>
  );
}

function When({ schedule: { cron, time_zone } }: { readonly schedule: ScheduleAnswer }) {
  const words = cronWords(cron);
  return (
    <>
      {words ? <span title={cron}>{words}</span> : <code class="mono short">{cron}</code>}{" "}
      <span class="faint short">{time_zone}</span>
    </>
  );
}

const NAMED = 10;

/** For maintenance: in one transaction, so that either all are changed or none. */
function AllOfThem({ of, done }: { readonly of: readonly ScheduleAnswer[]; readonly done: () => void }) {
  const [paused, active] = [of.filter((each) => each.paused), of.filter((each) => !each.paused)];
  const told = (some: readonly ScheduleAnswer[]) => {
    const names = some.slice(0, NAMED).map(({ name }) => name);
    return [...names, ...(some.length > NAMED ? [`${some.length - NAMED} more`] : [])].join(", ");
  };
  return (
    <>
      {active.length > 0 && (
        <AskFirst
          label="Pause all"
          takes="admin"
          title={active.length === 1 ? "Pause the one that is active?" : `Pause all ${active.length}?`}
          act={() => tell("/schedules/pause")}
          done={done}
        >
          <p>They create no jobs until they are resumed. Jobs that were already created still run.</p>
          <p class="faint">{told(active)}</p>
        </AskFirst>
      )}
      {paused.length > 0 && (
        <AskFirst
          label="Resume all"
          takes="admin"
          title={paused.length === 1 ? "Resume the one that is paused?" : `Resume all ${paused.length}?`}
          act={() => tell("/schedules/resume")}
          done={done}
        >
          <p>
            They continue with their next runs, including those that were paused one by one. Missed runs are
            not made up for.
          </p>
          <p class="faint">{told(paused)}</p>
        </AskFirst>
      )}
    </>
  );
}

function Actions({ schedule, done }: { readonly schedule: ScheduleAnswer; readonly done: () => void }) {
  const { name, paused } = schedule;
  const { route } = useLocation();
  const at = `/schedules/${encodeURIComponent(name)}`;
  return (
    <div class="actions">
      <AskFirst
        label="Run now"
        takes="send"
        title={`Run ${name} now?`}
        act={async () => {
          const { job_id } = await tell<z.infer<typeof scheduleRun>>(`${at}/run`);
          route(pageAt("jobs", job_id));
        }}
      >
        <p>One of its jobs is created and due at once. Its next scheduled run does not change.</p>
      </AskFirst>
      <AskFirst
        label={paused ? "Resume" : "Pause"}
        takes="admin"
        title={paused ? `Resume ${name}?` : `Pause ${name}?`}
        act={() => tell(`${at}/${paused ? "resume" : "pause"}`)}
        done={done}
      >
        <p>
          {paused
            ? "It continues with its next run; missed runs are not made up for."
            : "It creates no jobs until it is resumed, even after a restart. Jobs that it has created still run."}
        </p>
      </AskFirst>
      <AskFirst
        label="Remove"
        takes="admin"
        danger
        title={`Remove ${name}?`}
        act={() => tell(at, undefined, "DELETE")}
        done={done}
      >
        <p>It creates no more jobs. A program that still declares it creates it again when it starts.</p>
      </AskFirst>
    </div>
  );
}
