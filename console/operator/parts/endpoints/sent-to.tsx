import type { EndpointAttemptAnswer } from "../../../../src/http/schemas/attempt.ts";
import { Outcomes } from "../../../kit/outcomes.tsx";
import { type Column, Table } from "../../../kit/table.tsx";
import { span } from "../../rules/times.ts";
import { pageAt, Status, Time } from "../marks.tsx";

const COLUMNS: readonly Column<EndpointAttemptAnswer>[] = [
  {
    name: "Outcome",
    cell: ({ outcome, http_status, class: kind }) => (
      <>
        <Status of={outcome} /> <span class="code">{http_status ?? kind ?? "no answer"}</span>
      </>
    ),
  },
  { name: "Event", cell: ({ job_id, type }) => <a href={pageAt("jobs", job_id)}>{type ?? "(erased)"}</a> },
  { name: "Attempt", isNumber: true, label: "attempt", cell: ({ attempt }) => attempt },
  { name: "Took", isNumber: true, label: "took", cell: ({ duration_ms }) => span(duration_ms) },
  { name: "Began", cell: ({ started_at }) => <Time at={started_at} /> },
];
const BARS = 50;

/** The last attempts to deliver to an endpoint, newest first: how they went as a whole, and each one. */
export function SentTo({ attempts }: { readonly attempts: readonly EndpointAttemptAnswer[] }) {
  if (attempts.length === 0) return <p class="faint">Nothing has been sent to it yet.</p>;
  const succeeded = attempts.filter(({ outcome }) => outcome === "succeeded");
  const label = `${succeeded.length} of the last ${attempts.length} attempts succeeded`;
  const durations = attempts.map(({ duration_ms }) => duration_ms).sort((a, b) => a - b);
  const within = (share: number) => span(durations[Math.ceil(share * durations.length) - 1] ?? 0);
  return (
    <>
      <p class="line summed">
        <Outcomes newestFirst={attempts.slice(0, BARS)} label={label} />
        <span class="faint">
          {label}; half took at most {within(0.5)}, 95 % at most {within(0.95)}.
        </span>
      </p>
      <Table
        caption="Attempts to deliver to it, newest first"
        columns={COLUMNS}
        rows={attempts.slice(0, 20)}
        keyOf={({ attempt_id }) => attempt_id}
      />
    </>
  );
}
