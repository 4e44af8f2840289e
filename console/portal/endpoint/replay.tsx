import { useState } from "preact/hooks";
import { Dialog, Form } from "../controls.tsx";
import { api, own } from "../session.ts";
import { words } from "../words.ts";

/** Sends again what went wrong while the endpoint was not well, or was not there. */
export function Replay({ id }: { readonly id: string }) {
  const [isAsking, setAsking] = useState(false);
  const [since, setSince] = useState("24h");
  const [what, setWhat] = useState("failed");
  const [isDone, setDone] = useState(false);
  const told = words.replay;
  const send = async () => {
    await api.send("POST", own(`/endpoints/${id}/replay`), { since, what });
    setAsking(false);
    setDone(true);
  };
  return (
    <>
      {isDone && <span role="status">{told.isSent}</span>}
      <button type="button" onClick={() => setAsking(true)}>
        {told.ask}
      </button>
      {isAsking && (
        <Dialog title={told.title} close={() => setAsking(false)}>
          <Form
            label={told.send}
            act={send}
            after={
              <button type="button" onClick={() => setAsking(false)}>
                {words.common.leave}
              </button>
            }
          >
            <Choice name={told.what} among={told.whats} chosen={what} choose={setWhat} />
            <Choice name={told.since} among={told.sinces} chosen={since} choose={setSince} />
            <p class="muted">{told.told}</p>
          </Form>
        </Dialog>
      )}
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  /** What each value is called. */
  readonly among: Readonly<Record<string, string>>;
  readonly chosen: string;
  choose(value: string): void;
}

function Choice({ name, among, chosen, choose }: ChoiceProps) {
  return (
    <label>
      <span>{name}</span>
      <select value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {Object.entries(among).map(([value, told]) => (
          <option key={value} value={value}>
            {told}
          </option>
        ))}
      </select>
    </label>
  );
}
