import { useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { z } from "zod";
import type { TaskAnswer, taskPage } from "../../../src/http/schemas/task.ts";
import { refusal } from "../../kit/api.ts";
import { type Column, Table } from "../../kit/table.tsx";
import { useAsked } from "../live/asked.ts";
import { api, may } from "../live/server.ts";
import { exampleOf } from "../rules/example-of.ts";
import { span } from "../rules/times.ts";
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

/** The tasks that this server knows; nothing where it knows none. */
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
  const dialog = useRef<HTMLDialogElement>(null);
  const { route } = useLocation();
  const [input, setInput] = useState("");
  const [problem, setProblem] = useState<string>();
  const allowed = may("send");
  const run = async () => {
    try {
      JSON.parse(input);
      // not written again: what was typed is what is sent
      const body = `{"input": ${input}}`;
      const path = `/tasks/${encodeURIComponent(name)}`;
      const { job_id } = await api.sendText<{ job_id: string }>(path, { method: "POST", body });
      dialog.current?.close();
      route(pageAt("jobs", job_id));
    } catch (error) {
      setProblem(refusal(error));
    }
  };
  return (
    <>
      <button
        type="button"
        disabled={!allowed}
        title={allowed ? undefined : "takes the role send"}
        onClick={() => {
          setInput(JSON.stringify(exampleOf(input_schema), null, 2));
          setProblem(undefined);
          dialog.current?.showModal();
        }}
      >
        Run…
      </button>
      <dialog ref={dialog} aria-label={`Run ${name}`} class="wide">
        <h2>Run {name}</h2>
        <div class="stack">
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
        </div>
        {problem && (
          <p class="trouble" role="alert">
            {problem}
          </p>
        )}
        <div class="actions end">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button type="button" class="solid" onClick={() => void run()}>
            Run
          </button>
        </div>
      </dialog>
    </>
  );
}
