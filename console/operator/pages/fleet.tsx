import type { z } from "zod";
import type { ScheduleAnswer, schedulePage, workerPage } from "../../../src/http/schemas/fleet.ts";
import { useAsked } from "../live/asked.ts";
import { tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { Empty, Head, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";

/** The processes that run jobs. */
export function Workers() {
  const { data, error } = useAsked<z.infer<typeof workerPage>>("/workers");
  return (
    <>
      <Head title="Workers" note="The processes that claim and run jobs." />
      <Trouble error={error} />
      {data?.data.length === 0 && (
        <Empty title="No worker is alive">
          <p>Jobs are accepted, and none is run until one starts: posthorn worker, or posthorn serve.</p>
        </Empty>
      )}
      <div class="cards">
        {data?.data.map((worker) => (
          <article key={worker.worker_id} class="card">
            <h2>
              {worker.host} <span class="faint">pid {worker.pid}</span>
            </h2>
            <p>
              {worker.concurrency} slots
              {worker.slots_held > 0 && `, ${worker.slots_held} held by handlers that hang`} · version{" "}
              {worker.version} · started <Time at={worker.started_at} />
            </p>
            <p class="chips">
              {worker.tasks.map((task) => (
                <a key={task} href={`${pageAt("jobs")}?task=${encodeURIComponent(task)}`}>
                  {task}
                </a>
              ))}
            </p>
          </article>
        ))}
      </div>
    </>
  );
}

/** Recurring jobs. */
export function Schedules() {
  const { data, error, again } = useAsked<z.infer<typeof schedulePage>>("/schedules");
  return (
    <>
      <Head title="Schedules" />
      <Trouble error={error} />
      {data?.data.length === 0 && (
        <Empty title="No schedules">
          <p>A program declares them: schedules: [schedule("nightly", {'{ cron: "0 3 * * *", … }'})].</p>
        </Empty>
      )}
      {data && data.data.length > 0 && (
        <table class="rows">
          <caption class="unseen">Schedules, by name</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">When</th>
              <th scope="col">Task</th>
              <th scope="col">Next</th>
              <th scope="col">Last</th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((schedule) => (
              <ScheduleRow key={schedule.name} schedule={schedule} again={again} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function ScheduleRow({ schedule, again }: { readonly schedule: ScheduleAnswer; readonly again: () => void }) {
  const { name, cron, time_zone, task, paused, next_at, last_at } = schedule;
  const change = paused ? "resume" : "pause";
  return (
    <tr data-row>
      <td>{name}</td>
      <td>
        <Mono>{cron}</Mono> <span class="faint">{time_zone}</span>
      </td>
      <td>
        <a href={`${pageAt("jobs")}?task=${encodeURIComponent(task)}`}>{task}</a>
      </td>
      <td>{paused ? <Status of="paused" /> : <Time at={next_at} />}</td>
      <td>
        <Time at={last_at} />
      </td>
      <td>
        <AskFirst
          label={paused ? "Resume" : "Pause"}
          takes="admin"
          title={paused ? `Resume ${name}?` : `Pause ${name}?`}
          act={() => tell(`/schedules/${encodeURIComponent(name)}/${change}`)}
          done={again}
        >
          <p>
            {paused
              ? "It goes on with its next run; those that it missed are not made up for."
              : "It makes no jobs until it is resumed, even after a restart. Jobs that it has made still run."}
          </p>
        </AskFirst>
      </td>
    </tr>
  );
}
