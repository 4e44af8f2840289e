import { useState } from "preact/hooks";
import type { FailureAnswer } from "../../../src/http/schemas/failure.ts";
import { Hours } from "../../kit/hours.tsx";
import { tell } from "../live/server.ts";
import { AskFirst } from "./ask-first.tsx";
import { BulkDialog } from "./jobs/bulk-dialog.tsx";
import { Lane } from "./lane.tsx";
import { pageAt, Status, Time } from "./marks.tsx";
import { search } from "./query.ts";

const LONGEST_ABOUT = 200;

interface GroupProps {
  readonly group: FailureAnswer;
  /** Since when a group is new. */
  readonly deployed?: { readonly at: string; readonly version: string } | undefined;
  again(): void;
}

/** A group in a few lines, and what can be done about it. */
export function Group({ group, deployed, again }: GroupProps) {
  const { fingerprint, task, lane, sample, sample_job, n, first_at, last_at, note, rest } = group;
  return (
    <article class="card failure" data-row>
      <div class="what">
        <p class="sample">
          <strong class="many">{n.toLocaleString("en")} ×</strong>
          <span class="error" dir="auto">
            {sample.split("\n", 1)[0]}
          </span>
        </p>
        <LastDay group={group} />
        <p class="line faint">
          <Status of={group.state} />
          {deployed && first_at >= deployed.at && (
            <span class="code" title={`It first failed after version ${deployed.version} had started`}>
              new
            </span>
          )}
          {group.class && <span class="code">{group.class}</span>}
          <a href={jobsAt(group, "failed")}>{task}</a>
          <span>
            last <Time at={last_at} /> (<a href={pageAt("jobs", sample_job)}>this one</a>), first{" "}
            <Time at={first_at} />, <a href={pageAt("failures", fingerprint)}>details</a>
          </span>
        </p>
        <p class="clip">
          <Lane of={lane} />
        </p>
        {rest && <p class="faint">These were too many different errors to tell apart.</p>}
        {note && <p class="faint">{note}</p>}
      </div>
      <div class="actions">
        <GroupActions group={group} again={again} />
      </div>
    </article>
  );
}

export function LastDay({ group: { hourly } }: Pick<GroupProps, "group">) {
  const lately = hourly.reduce((sum, each) => sum + each, 0);
  if (lately === 0) return null;
  return (
    <p class="line faint short">
      <Hours
        hours={hourly.map((bad) => ({ good: 0, bad }))}
        label={`${lately.toLocaleString("en")} in the last 24 hours, by hour`}
      />
      {lately.toLocaleString("en")} in the last 24 hours
    </p>
  );
}

/** The list of its jobs in a state. */
export function jobsAt(group: FailureAnswer, status: "failed" | "queued"): string {
  return `${pageAt("jobs")}${search({ status, ...jobsOf(group) })}`;
}

/** How its jobs are found. Those of the rest share no fingerprint, and are found together with those of other groups. */
function jobsOf({ rest, fingerprint, task, lane, class: kind }: FailureAnswer) {
  if (!rest) return { fingerprint };
  return { task, ...(lane !== "" && { lane }), ...(kind && { class: kind }) };
}

export function GroupActions({ group, again }: GroupProps) {
  const { task, sample, rest } = group;
  const line = sample.split("\n", 1)[0] ?? "";
  const error = line.length > LONGEST_ABOUT ? `${line.slice(0, LONGEST_ABOUT)}…` : line;
  const like = rest
    ? "after any failure of this class: those of the rest cannot be told apart from those of other groups"
    : `with: ${error}`;
  return (
    <>
      <BulkDialog
        label="Try again…"
        about={`Jobs that failed permanently ${like}`}
        filter={{ ...jobsOf(group), status: "failed" }}
        actions={task === "webhook.deliver" ? ["redeliver"] : ["rerun"]}
      />
      <BulkDialog
        label="Cancel…"
        about={`Jobs that are waiting for another attempt, the last one having failed ${like}`}
        filter={{ ...jobsOf(group), status: "queued" }}
        actions={["cancel"]}
      />
      <Change group={group} to="acknowledged" label="Acknowledge" done={again}>
        It opens again when there are twice as many.
      </Change>
      <Change group={group} to="resolved" label="Resolve" done={again}>
        It opens again with the next failure.
      </Change>
    </>
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
