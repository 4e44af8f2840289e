import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { z } from "zod";
import type { TaskAnswer, taskPage } from "../../../src/http/schemas/task.ts";
import { type Column, Table } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { api } from "../live/server.ts";
import { exampleOf } from "../rules/example-of.ts";
import { span } from "../rules/times.ts";
import { AskFirst } from "./ask-first.tsx";
import { pageAt } from "./marks.tsx";

const COLUMNS: readonly Column<TaskAnswer>[] = [
  {
    name: "Task",
    cell: ({ name }) => <a href={`${pageAt("jobs")}?task=${encodeURIComponent(name)}`}>{name}</a>,
  },
  {
    name: "Attempts",
    isNumber: true,
    label: "attempts",
    cell: ({ options }) => options.max_attempts,
  },
  { name: "Timeout", isNumber: true, label: "timeout", cell: ({ options }) => span(options.timeout_ms) },
  { name: "", cell: (task) => <RunTask task={task} /> },
];

/** The tasks that this server knows; nothing if it knows none. */
export function Tasks() {
  const { data } = useAsked<z.infer<typeof taskPage>>("/tasks");
  if (!data || data.data.length === 0) return null;
  return (
    <section>
      <h2>Tasks of this server</h2>
      <Table caption="Tasks, by name" columns={COLUMNS} rows={data.data} keyOf={({ name }) => name} />
    </section>
  );
}

/** Makes one job of a task, with an input that begins as its schema describes it. */
function RunTask({ task: { name, input_schema } }: { readonly task: TaskAnswer }) {
  const { route } = useLocation();
  const [input, setInput] = useState("");
  const run = async () => {
    JSON.parse(input);
    // not written again: what was typed is what is sent
    const body = `{"input": ${input}}`;
    const path = `/tasks/${encodeURIComponent(name)}`;
    const { job_id } = await api.sendText<{ job_id: string }>(path, { method: "POST", body });
    route(pageAt("jobs", job_id));
  };
  return (
    <AskFirst
      label="Run…"
      takes="send"
      title={`Run ${name}`}
      isWide
      confirm="Run"
      opened={() => setInput(JSON.stringify(exampleOf(input_schema), null, 2))}
      act={run}
    >
      <label>
        Input
        <textarea rows={10} value={input} onInput={(event) => setInput(event.currentTarget.value)} />
      </label>
      {input_schema && (
        <details>
          <summary>Its schema</summary>
          <pre>{JSON.stringify(input_schema, null, 2)}</pre>
        </details>
      )}
    </AskFirst>
  );
}
