import { byEndpoint } from "../kit/by-endpoint.ts";
import { useLoaded } from "../kit/loaded.ts";
import { Outcomes } from "../kit/outcomes.tsx";
import { href } from "../kit/router.ts";
import { Time } from "../kit/time.tsx";
import type { Attempt, Endpoint, Page } from "./answers.ts";
import { Act, Note } from "./controls.tsx";
import { State, stateOf } from "./endpoint/endpoint-state.tsx";
import { Heading } from "./heading.tsx";
import { usePages } from "./pages.ts";
import { api, may, own } from "./session.ts";
import { words } from "./words.ts";

const AT_ONCE = 50;
/** How many of the last deliveries are looked at, and how many are shown for each endpoint. */
const LOOKED_AT = 100;
const SHOWN = 20;
/** Deliveries that wait are counted up to one more than this. */
const MOST_COUNTED = 1_000;

export function Endpoints() {
  const { rows, hasMore, problem, more } = usePages<Endpoint>(
    own(`/endpoints?limit=${AT_ONCE}&backlog=true`),
  );
  const { value: attempts } = useLoaded("lately", () =>
    api.get<Page<Attempt>>(own(`/attempts?limit=${LOOKED_AT}`)),
  );
  const lately = byEndpoint(attempts?.data ?? [], SHOWN);
  const told = words.endpoints;
  return (
    <>
      <div class="heading">
        <Heading text={words.pages.endpoints} />
        {may("endpoints") && (
          <a class="button primary" href={href("/endpoints/new")}>
            {told.add}
          </a>
        )}
      </div>
      {problem !== "" && <Note title={words.notLoaded.endpoints}>{problem}</Note>}
      {rows === undefined && problem === "" && <p class="muted">{words.common.loading}</p>}
      {rows?.length === 0 && !hasMore && <Note title={told.none}>{told.what}</Note>}
      <ul class="cards">
        {rows?.map((endpoint) => (
          <li key={endpoint.endpoint_id}>
            <Card endpoint={endpoint} lately={lately.get(endpoint.endpoint_id) ?? []} />
          </li>
        ))}
      </ul>
      {hasMore && <Act label={words.common.more} act={more} />}
    </>
  );
}

interface CardProps {
  readonly endpoint: Endpoint;
  /** Newest first. */
  readonly lately: readonly Attempt[];
}

function Card({ endpoint, lately }: CardProps) {
  const { endpoint_id: id, url, description, event_types: types, health } = endpoint;
  const told = words.endpoints;
  const { due = 0, held = 0, scheduled = 0 } = endpoint.backlog ?? {};
  const waiting = due + held + scheduled;
  const { explains } = stateOf(endpoint);
  const succeeded = lately.filter(({ outcome }) => outcome === "succeeded").length;
  const [last] = lately.filter(({ outcome }) => outcome === "succeeded");
  const lastAt = last?.started_at ?? health.last_success_at;
  return (
    <a class="card" href={href(`/endpoints/${id}`)}>
      <span class="line">
        <strong class="long grow">{url}</strong>
        <Outcomes newestFirst={lately} label={told.lately(succeeded, lately.length)} />
        <State endpoint={endpoint} />
      </span>
      {description && (
        <span class="long" dir="auto">
          {description}
        </span>
      )}
      <span class="muted">
        {types === null ? told.allEvents : types.join(", ") || told.noneOfThese}
        {" · "}
        {lastAt ? (
          <>
            {told.last} <Time at={lastAt} />
          </>
        ) : (
          told.nothingYet
        )}
        {waiting > 0 && ` · ${told.waiting(waiting > MOST_COUNTED ? `${MOST_COUNTED}+` : String(waiting))}`}
        {explains && ` · ${explains}`}
      </span>
    </a>
  );
}
