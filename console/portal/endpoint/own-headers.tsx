import { useState } from "preact/hooks";
import { headersIn, linesWithout } from "../../kit/header-lines.ts";
import type { Endpoint } from "../answers.ts";
import { Dialog, Form } from "../controls.tsx";
import { api } from "../session.ts";
import { words } from "../words.ts";

interface OwnHeadersProps {
  readonly endpoint: Endpoint;
  /** Of the endpoint, in the API. */
  readonly path: string;
  changed(): void;
}

/** What is sent along with each delivery. Values are kept encrypted, and shown to nobody: so all of them are replaced at once. */
export function OwnHeaders({ endpoint: { headers }, path, changed }: OwnHeadersProps) {
  const [isAsking, setAsking] = useState(false);
  const [text, setText] = useState("");
  const told = words.headers;
  const wrong = linesWithout(text);
  const save = async () => {
    await api.send("PATCH", path, { headers: headersIn(text) });
    setAsking(false);
    changed();
  };
  return (
    <>
      <h2>{told.title}</h2>
      <p>{headers.length === 0 ? told.none : told.some(headers)}</p>
      <div class="actions">
        <button
          type="button"
          onClick={() => {
            setText(headers.map((name) => `${name}: `).join("\n"));
            setAsking(true);
          }}
        >
          {told.change}
        </button>
      </div>
      {isAsking && (
        <Dialog title={told.title} close={() => setAsking(false)}>
          <Form
            label={words.fields.save}
            disabled={wrong > 0}
            act={save}
            after={
              <button type="button" onClick={() => setAsking(false)}>
                {words.common.leave}
              </button>
            }
          >
            <label>
              <span>{told.lines}</span>
              <textarea
                rows={5}
                spellcheck={false}
                placeholder={told.hint}
                value={text}
                onInput={({ currentTarget }) => setText(currentTarget.value)}
              />
            </label>
            <p class="muted">{told.told}</p>
            {wrong > 0 && <p class="problem">{told.wrong(wrong)}</p>}
          </Form>
        </Dialog>
      )}
    </>
  );
}
