import { Note } from "../kit/controls.tsx";
import { useLoaded } from "../kit/loaded.ts";
import { href } from "../kit/router.ts";
import { Time } from "../kit/time.tsx";
import type { Endpoint, Page } from "./answers.ts";
import { State, stateOf } from "./endpoint-state.tsx";
import { api, may, own } from "./session.ts";

export function Endpoints() {
  const { value, error } = useLoaded("endpoints", () => api.get<Page<Endpoint>>(own("/endpoints?limit=100")));
  return (
    <>
      <div class="heading">
        <h1>Endpoints</h1>
        {may("endpoints") && (
          <a class="button primary" href={href("/endpoints/new")}>
            Add an endpoint
          </a>
        )}
      </div>
      {error && <Note title="The endpoints could not be loaded">{error.message}</Note>}
      {value?.data.length === 0 && (
        <Note title="No endpoints yet">
          An endpoint is an address of yours that we send events to, as they happen.
        </Note>
      )}
      <ul class="cards">
        {value?.data.map((endpoint) => (
          <li key={endpoint.endpoint_id}>
            <Card endpoint={endpoint} />
          </li>
        ))}
      </ul>
      {value?.next_cursor && <p class="muted">Only the first 100 endpoints are shown.</p>}
    </>
  );
}

function Card({ endpoint }: { readonly endpoint: Endpoint }) {
  const { endpoint_id: id, url, description, event_types: types, health } = endpoint;
  return (
    <a class="card" href={href(`/endpoints/${id}`)}>
      <span class="line">
        <State endpoint={endpoint} />
        <strong class="long">{url}</strong>
      </span>
      {description && <span class="long">{description}</span>}
      <span class="muted">
        {types === null ? "All events" : types.join(", ")}
        {" · "}
        {health.last_success_at ? (
          <>
            last delivered <Time at={health.last_success_at} />
          </>
        ) : (
          "nothing delivered yet"
        )}
        {stateOf(endpoint).explains && ` · ${stateOf(endpoint).explains}`}
      </span>
    </a>
  );
}
