import type { EndpointAnswer } from "../../../../src/http/schemas/endpoint.ts";
import { tell } from "../../live/server.ts";
import { AskFirst } from "../ask-first.tsx";

interface EndpointLimitsProps {
  readonly of: EndpointAnswer;
  /** Its path. */
  readonly at: string;
  done(): void;
}

const SPANS = ["second", "minute", "hour"];

/** Changes what an endpoint allows of itself. */
export function EndpointLimits({ of: { limits }, at, done }: EndpointLimitsProps) {
  const { concurrency, rate, ordered = false } = limits ?? {};
  return (
    <AskFirst
      label="Limits…"
      takes="manage"
      title="Change its limits?"
      confirm="Change them"
      act={(given) => tell(at, { limits: limitsIn(given) }, "PATCH")}
      done={done}
    >
      <p>They hold for all workers together, also for what is waiting already.</p>
      <label>
        Deliveries at once
        <input name="concurrency" type="number" min="1" placeholder="no limit" defaultValue={concurrency} />
      </label>
      <div class="two even">
        <label>
          Deliveries
          <input name="rate" type="number" min="1" placeholder="no limit" defaultValue={rate?.limit} />
        </label>
        <label>
          per
          <select name="per">
            {SPANS.map((span) => (
              <option key={span} selected={span === (rate?.per ?? "second")}>
                {span}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label>
        <input name="ordered" type="checkbox" defaultChecked={ordered} />
        <span>One at a time, in the order in which events are accepted</span>
      </label>
    </AskFirst>
  );
}

/** Null for none. */
function limitsIn(given: FormData): object | null {
  const numberIn = (name: string) => Number(given.get(name)) || undefined;
  const [concurrency, rate] = [numberIn("concurrency"), numberIn("rate")];
  const limits = {
    ...(concurrency !== undefined && { concurrency }),
    ...(rate !== undefined && { rate: { limit: rate, per: given.get("per") } }),
    ...(given.has("ordered") && { ordered: true }),
  };
  return Object.keys(limits).length === 0 ? null : limits;
}
