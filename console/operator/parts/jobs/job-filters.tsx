import { CONDITIONS, conditions, type Condition as Name } from "../../rules/job-conditions.ts";
import { Field } from "../field.tsx";
import { Condition, Filters, MomentCondition, Tabs } from "../filters.tsx";
import { useQuery } from "../query.ts";

const STATES = ["queued", "running", "succeeded", "failed", "cancelled"];
const MORE = conditions.slice(3); // behind "More conditions"

/** The conditions of the list of jobs. */
export function JobFilters() {
  const { status } = useQuery().query;
  return (
    <Filters>
      <Tabs
        of="status"
        among={[undefined, ...STATES]}
        isChosen={(state) => (state === undefined ? status === undefined : isAmong(state, status))}
      />
      {condition("task")}
      {condition("lane")}
      <Condition of="text" name="Text in it" placeholder="or $.id = 42" />
      <MoreConditions />
    </Filters>
  );
}

function MoreConditions() {
  const { query, change } = useQuery();
  return (
    <details class="more" open={MORE.some((name) => query[name] !== undefined)}>
      <summary>More conditions</summary>
      <div class="filters">
        {condition("status", "failed,cancelled")}
        {condition("tenant")}
        {condition("endpoint")}
        {condition("tag")}
        {condition("key")}
        {condition("group")}
        {condition("class", "5xx, timeout, error…")}
        {condition("attempts_from")}
        {condition("waiting", "ready, scheduled, held")}
        {condition("duration_from", "30s, 5m…")}
        {condition("fingerprint")}
        {condition("event")}
        {condition("bulk")}
        {condition("trigger", "manual")}
        <Field
          name={CONDITIONS.ids}
          value={query.ids}
          set={(value) => change({ ids: idsIn(value), cursor: undefined })}
          placeholder="job_…, job_…"
        />
        {moment("created_from")}
        {moment("created_before")}
        {moment("finished_from")}
        {moment("finished_before")}
        {moment("due_from")}
        {moment("due_before")}
      </div>
    </details>
  );
}

function condition(name: Name, placeholder?: string) {
  return <Condition of={name} name={CONDITIONS[name]} {...(placeholder && { placeholder })} />;
}

function moment(name: Name) {
  return <MomentCondition of={name} name={CONDITIONS[name]} />;
}

function isAmong(state: string, status: string | undefined): boolean {
  return status?.split(",").includes(state) ?? false;
}

/** The ids in what was pasted, however they stand in it: a field makes one line of several. */
function idsIn(text: string): string {
  return text.match(/job_[0-9a-z]{26}/g)?.join() ?? text;
}
