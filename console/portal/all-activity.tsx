import { href } from "../kit/router.ts";
import { Fields, MadeBy } from "./activity.tsx";
import type { Done } from "./answers.ts";
import { Act, Note } from "./controls.tsx";
import { Heading } from "./heading.tsx";
import { usePages } from "./pages.ts";
import { own } from "./session.ts";
import { words } from "./words.ts";

/** What was done to the endpoints and with their deliveries; the list stands still until it is refreshed. */
export function AllActivity() {
  const { rows, hasMore, problem, reload, more } = usePages<Done>(own("/activity?limit=25"));
  return (
    <>
      <Heading text={words.pages.activity} />
      <div class="line">
        <p class="muted grow">{words.activity.ofAll}</p>
        <Act label={words.deliveries.refresh} kind="plain" act={reload} />
      </div>
      {problem !== "" && <Note title={words.notLoaded.changes}>{problem}</Note>}
      {rows === undefined && problem === "" && <p class="muted">{words.common.loading}</p>}
      {rows?.length === 0 && !hasMore && (
        <Note title={words.activity.nothingDone}>{words.activity.noneAnywhere}</Note>
      )}
      <ul class="rows" aria-label={words.pages.activity}>
        {rows?.map((done) => (
          <li key={done.id} class="change">
            <span class="long">
              <strong>{whatOf(done)}</strong> <Named done={done} />
            </span>
            <MadeBy made={done} byNobody={words.activity.automatically} />
            {done.action === "endpoint.update" && <Fields changes={done.changes} />}
          </li>
        ))}
      </ul>
      {hasMore && <Act label={words.common.more} act={more} />}
    </>
  );
}

/** The endpoint that it was about, with a link to it while it exists; and the event that was sent again. */
function Named({ done: { action, endpoint, target, changes } }: { readonly done: Done }) {
  const event = action === "event.redeliver" ? target : changes.event?.is;
  return (
    <>
      {endpoint && <Linked endpoint={endpoint} />} {event !== undefined && <code>{String(event)}</code>}
    </>
  );
}

function Linked({ endpoint }: { readonly endpoint: NonNullable<Done["endpoint"]> }) {
  const name = <bdi>{endpoint.url ?? endpoint.endpoint_id}</bdi>;
  return endpoint.is_deleted ? (
    name
  ) : (
    <a href={href(`/endpoints/${endpoint.endpoint_id}/activity`)}>{name}</a>
  );
}

function whatOf({ action, changes }: Done): string {
  const { done, replayed, other } = words.activity;
  const { action: of, what, type } = changes;
  if (action === "bulk.start")
    return of?.is === "replay" ? replayed(String(what?.is)) : other(String(of?.is));
  const told = Object.entries(done).find(([name]) => name === action)?.[1] ?? action;
  return type ? `${told} (${String(type.is)})` : told;
}
