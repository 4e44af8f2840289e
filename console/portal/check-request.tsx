import { useState } from "preact/hooks";
import { ago } from "../kit/time.tsx";
import { Form } from "./controls.tsx";
import { checkRequest, type Verdict } from "./rules/check-request.ts";
import { words } from "./words.ts";

/** Takes a request that did not verify, and says why. */
export function CheckRequest() {
  const [pasted, setPasted] = useState({ headers: "", body: "", secret: "" });
  const [verdict, setVerdict] = useState<Verdict>();
  const set = (change: Partial<typeof pasted>) => {
    setPasted((last) => ({ ...last, ...change }));
    setVerdict(undefined);
  };
  const told = words.check;
  return (
    <section aria-labelledby="check">
      <h2 id="check">{told.title}</h2>
      <p class="muted">{told.told}</p>
      <Form
        class="fields wide"
        label={told.check}
        disabled={pasted.headers === "" || pasted.secret === ""}
        act={async () => setVerdict(await checkRequest(pasted, Date.now()))}
      >
        <label>
          <span>{told.headers}</span>
          <textarea
            rows={4}
            spellcheck={false}
            placeholder={told.headersHint}
            value={pasted.headers}
            onInput={({ currentTarget }) => set({ headers: currentTarget.value })}
          />
        </label>
        <label>
          <span>{told.body}</span>
          <textarea
            rows={4}
            spellcheck={false}
            value={pasted.body}
            onInput={({ currentTarget }) => set({ body: currentTarget.value })}
          />
        </label>
        <label>
          <span>{told.secret}</span>
          <input
            type="password"
            autocomplete="off"
            placeholder="whsec_…"
            value={pasted.secret}
            onInput={({ currentTarget }) => set({ secret: currentTarget.value })}
          />
        </label>
      </Form>
      {verdict && (
        <div class={`result ${verdict.fault ? "bad" : "good"}`} role="status">
          <p>{verdict.fault ? told.verdicts[verdict.fault] : told.genuine}</p>
          {verdict.sentAt !== undefined && <p>{told.old(ago(verdict.sentAt - Date.now()))}</p>}
        </div>
      )}
    </section>
  );
}
