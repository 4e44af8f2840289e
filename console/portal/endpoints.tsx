import { Note } from "../kit/controls.tsx";
import { useLoaded } from "../kit/loaded.ts";
import { href } from "../kit/router.ts";
import { Time } from "../kit/time.tsx";
import type { Endpoint, Page } from "./answers.ts";
import { State, stateOf } from "./endpoint-state.tsx";
import { api, may, own } from "./session.ts";
import { words } from "./words.ts";

const MOST = 100;

export function Endpoints() {
  const { value, error } = useLoaded("endpoints", () =>
    api.get<Page<Endpoint>>(own(`/endpoints?limit=${MOST}`)),
  );
  const told = words.endpoints;
  return (
    <>
      <div class="heading">
        <h1>{words.pages.endpoints}</h1>
        {may("endpoints") && (
          <a class="button primary" href={href("/endpoints/new")}>
            {told.add}
          </a>
        )}
      </div>
      {error && <Note title={words.common.notLoaded("endpoints")}>{error.message}</Note>}
      {!value && !error && <p class="muted">{words.common.loading}</p>}
      {value?.data.length === 0 && <Note title={told.none}>{told.what}</Note>}
      <ul class="cards">
        {value?.data.map((endpoint) => (
          <li key={endpoint.endpoint_id}>
            <Card endpoint={endpoint} />
          </li>
        ))}
      </ul>
      {value?.next_cursor && <p class="muted">{told.only(MOST)}</p>}
    </>
  );
}

function Card({ endpoint }: { readonly endpoint: Endpoint }) {
  const { endpoint_id: id, url, description, event_types: types, health } = endpoint;
  const told = words.endpoints;
  const { explains } = stateOf(endpoint);
  return (
    <a class="card" href={href(`/endpoints/${id}`)}>
      <span class="line">
        <strong class="long grow">{url}</strong>
        <State endpoint={endpoint} />
      </span>
      {description && <span class="long">{description}</span>}
      <span class="muted">
        {types === null ? told.allEvents : types.join(", ")}
        {" · "}
        {health.last_success_at ? (
          <>
            {told.last} <Time at={health.last_success_at} />
          </>
        ) : (
          told.nothingYet
        )}
        {explains && ` · ${explains}`}
      </span>
    </a>
  );
}
