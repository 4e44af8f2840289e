import { useState } from "preact/hooks";
import type { z } from "zod";
import type { FailureAnswer, failurePage } from "../../../src/http/schemas/failure.ts";
import { Hours } from "../../kit/hours.tsx";
import { type Column, Table } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { BulkDialog } from "../parts/bulk-dialog.tsx";
import { Field, MomentField } from "../parts/field.tsx";
import { Lane } from "../parts/lane.tsx";
import { Empty, Head, Loading, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { Pager } from "../parts/pager.tsx";
import { search, useQuery } from "../parts/query.ts";

export type FailurePage = z.infer<typeof failurePage>;

const STATES = ["open", "acknowledged", "resolved"];

/** What fails, similar failures together: those that failed last come first. */
export function Failures() {
  const { query, change, linkWith } = useQuery();
  const { task, tenant, lane, since, cursor } = query;
  const state = query.state ?? "open";
  const kind = query.class;
  const filter = { task, tenant, lane, since, class: kind, ...(state !== "all" && { state }) };
  const { data, error, again } = useAsked<FailurePage>(
    `/failures${search({ ...filter, cursor, limit: "50" })}`,
  );
  return (
    <>
      <Head
        title="Failures"
        note="Failed attempts that differ only in numbers, ids, times and quoted text form one group."
      />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <div class="tabs">
          {[...STATES, "all"].map((each) => (
            <a
              key={each}
              href={linkWith({ state: each, cursor: undefined })}
              aria-current={state === each ? "true" : undefined}
            >
              {each}
            </a>
          ))}
        </div>
        <Field name="Task" value={task} set={(value) => change({ task: value, cursor: undefined })} />
        <Field name="Tenant" value={tenant} set={(value) => change({ tenant: value, cursor: undefined })} />
        <Field
          name="Class"
          value={kind}
          placeholder="5xx, timeout, …"
          set={(value) => change({ class: value, cursor: undefined })}
        />
        <MomentField
          name="Since"
          value={since}
          set={(value) => change({ since: value, cursor: undefined })}
        />
      </form>
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data?.data.length === 0 && (
        <Empty title={state === "open" ? "Nothing fails" : "Nothing matches"}>
          <p>
            {state === "open" ? "No failure group is open." : "No failure group matches this filter."}{" "}
            {state !== "all" && <a href={linkWith({ state: "all", cursor: undefined })}>Show all groups</a>}
          </p>
        </Empty>
      )}
      <div class="stack">
        {data?.data.map((group) => (
          <Group key={group.fingerprint} group={group} again={again} />
        ))}
      </div>
      <Pager next={data?.next_cursor} previous={data?.prev_cursor} linkWith={linkWith} />
    </>
  );
}

function Group({ group, again }: { readonly group: FailureAnswer; readonly again: () => void }) {
  const { fingerprint, task, lane, sample, sample_job, n, first_at, last_at, state, note, hourly } = group;
  const lately = hourly.reduce((sum, each) => sum + each, 0);
  const jobs = `${pageAt("jobs")}${search({ status: "failed", fingerprint })}`;
  return (
    <article class="card failure" data-row>
      <div class="what">
        <p>
          <strong class="many">{n.toLocaleString("en")} ×</strong>{" "}
          <span class="error">{sample.split("\n", 1)[0]}</span>
        </p>
        {lately > 0 && (
          <p class="line faint short">
            <Hours
              hours={hourly.map((bad) => ({ good: 0, bad }))}
              label={`${lately.toLocaleString("en")} in the last 24 hours, by hour`}
            />
            {lately.toLocaleString("en")} in the last 24 hours
          </p>
        )}
        <p class="line faint">
          <Status of={state} />
          {group.class && <span class="code">{group.class}</span>}
          <a href={jobs}>{task}</a>
          <span>
            last <Time at={last_at} /> (<a href={pageAt("jobs", sample_job)}>this one</a>), first{" "}
            <Time at={first_at} />
          </span>
        </p>
        <p class="clip">
          <Lane of={lane} />
        </p>
        {note && <p class="faint">{note}</p>}
      </div>
      <div class="actions">
        <BulkDialog
          label="Try again…"
          about={`Jobs that failed permanently with: ${sample.split("\n", 1)[0]}`}
          filter={{ fingerprint, status: "failed" }}
          actions={task === "webhook.deliver" ? ["redeliver"] : ["rerun"]}
        />
        <BulkDialog
          label="Cancel…"
          about={`Jobs that are waiting for another attempt after: ${sample.split("\n", 1)[0]}`}
          filter={{ fingerprint, status: "queued" }}
          actions={["cancel"]}
        />
        <Change group={group} to="acknowledged" label="Acknowledge" done={again}>
          It opens again when there are twice as many.
        </Change>
        <Change group={group} to="resolved" label="Resolve" done={again}>
          It opens again with the next failure.
        </Change>
      </div>
    </article>
  );
}

interface ChangeProps {
  readonly group: FailureAnswer;
  readonly to: FailureAnswer["state"];
  readonly label: string;
  readonly children: string;
  done(): void;
}

function Change({ group, to, label, children, done }: ChangeProps) {
  const [note, setNote] = useState(group.note ?? "");
  if (group.state === to) return null;
  return (
    <AskFirst
      label={label}
      takes="send"
      title={`${label}?`}
      act={() =>
        tell(`/failures/${encodeURIComponent(group.fingerprint)}`, { state: to, note: note || null }, "PATCH")
      }
      done={done}
    >
      <p>{children}</p>
      <label>
        Note, for others
        <input value={note} maxLength={1_000} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
    </AskFirst>
  );
}

const MOST_LOOKED_AT = "100";
const FEW = 5;

const WORST: readonly Column<FailureAnswer>[] = [
  { name: "How often", isNumber: true, cell: ({ n }) => `${n.toLocaleString("en")} ×` },
  {
    name: "Task",
    cell: ({ task, fingerprint }) => (
      <a href={`${pageAt("jobs")}${search({ status: "failed", fingerprint })}`}>{task}</a>
    ),
  },
  { name: "Lane", isLong: true, cell: ({ lane }) => <Lane of={lane} /> },
  {
    name: "Failed with",
    isLong: true,
    cell: ({ sample }) => <span class="error clip">{sample.split("\n", 1)[0]}</span>,
  },
  { name: "Last", cell: ({ last_at }) => <Time at={last_at} /> },
];

/** The groups of the last hour that fail most. */
export function WorstFailures({
  task,
  lane,
}: {
  readonly task?: string | undefined;
  readonly lane?: string | undefined;
}) {
  const [since] = useState(() => new Date(Date.now() - 3_600_000).toISOString());
  const { data } = useAsked<FailurePage>(
    `/failures${search({ state: "open", since, task, lane, limit: MOST_LOOKED_AT })}`,
  );
  const worst = data?.data.toSorted((one, other) => other.n - one.n).slice(0, FEW) ?? [];
  if (worst.length === 0) return null;
  return (
    <section>
      <h2>
        What fails <a href={`${pageAt("failures")}${search({ task, lane })}`}>all</a>
      </h2>
      <Table
        caption="The groups of the last hour that fail most"
        columns={WORST}
        rows={worst}
        keyOf={({ fingerprint }) => fingerprint}
      />
    </section>
  );
}
