import { useState } from "preact/hooks";
import type { Endpoint } from "../answers.ts";
import { Dialog, Form } from "../parts/controls.tsx";
import { api } from "../session.ts";
import { words } from "../words.ts";

interface LimitsProps {
  readonly endpoint: Endpoint;
  /** Of the endpoint, in the API. */
  readonly path: string;
  changed(): void;
}

/** As they are typed; empty for what is not limited. */
interface Typed {
  readonly concurrency: string;
  readonly rate: string;
  readonly per: string;
  readonly isOrdered: boolean;
  readonly timeout: string;
}

/** How many deliveries an endpoint gets at a time, and how long its answers may take. */
export function Limits({ endpoint, path, changed }: LimitsProps) {
  const [typed, setTyped] = useState<Typed>();
  const told = words.limits;
  const { limits, timeout } = endpoint;
  const set = (change: Partial<Typed>) => setTyped((last) => last && { ...last, ...change });
  const save = async () => {
    if (typed) await api.send("PATCH", path, changesIn(typed));
    setTyped(undefined);
    changed();
  };
  return (
    <>
      <h2>{told.title}</h2>
      <p>{told.told(limits?.concurrency, limits?.rate ?? undefined, limits?.ordered ?? false, timeout)}</p>
      <div class="actions">
        <button
          type="button"
          onClick={() =>
            setTyped({
              concurrency: String(limits?.concurrency ?? ""),
              rate: String(limits?.rate?.limit ?? ""),
              per: limits?.rate?.per ?? "second",
              isOrdered: limits?.ordered ?? false,
              timeout: timeout ?? "",
            })
          }
        >
          {told.change}
        </button>
      </div>
      {typed && (
        <Dialog title={told.title} close={() => setTyped(undefined)}>
          <Form
            label={words.fields.save}
            act={save}
            after={
              <button type="button" onClick={() => setTyped(undefined)}>
                {words.common.leave}
              </button>
            }
          >
            <Amount
              name={told.atOnce}
              value={typed.concurrency}
              set={(concurrency) => set({ concurrency })}
            />
            <Amount name={told.rate} value={typed.rate} set={(rate) => set({ rate })} />
            <label>
              <span>{told.per}</span>
              <select value={typed.per} onChange={({ currentTarget }) => set({ per: currentTarget.value })}>
                {Object.entries(told.spans).map(([span, name]) => (
                  <option key={span} value={span}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <label>
              <span>{told.timeout}</span>
              <input
                placeholder={told.timeoutHint}
                value={typed.timeout}
                onInput={({ currentTarget }) => set({ timeout: currentTarget.value })}
              />
            </label>
            <label class="choice">
              <input
                type="checkbox"
                checked={typed.isOrdered}
                onChange={({ currentTarget }) => set({ isOrdered: currentTarget.checked })}
              />
              {told.ordered}
            </label>
          </Form>
        </Dialog>
      )}
    </>
  );
}

function Amount(props: { readonly name: string; readonly value: string; set(value: string): void }) {
  return (
    <label>
      <span>{props.name}</span>
      <input
        type="number"
        min="1"
        placeholder={words.limits.none}
        value={props.value}
        onInput={({ currentTarget }) => props.set(currentTarget.value)}
      />
    </label>
  );
}

/** What the API is asked to change; null for what is no longer limited. */
function changesIn({ concurrency, rate, per, isOrdered, timeout }: Typed): object {
  const limits = {
    ...(concurrency !== "" && { concurrency: Number(concurrency) }),
    ...(rate !== "" && { rate: { limit: Number(rate), per } }),
    ...(isOrdered && { ordered: true }),
  };
  return {
    limits: Object.keys(limits).length === 0 ? null : limits,
    timeout: timeout.trim() === "" ? null : timeout.trim(),
  };
}
