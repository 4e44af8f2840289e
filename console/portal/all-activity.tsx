import { href } from "../kit/router.ts";
import { Changed } from "./activity.tsx";
import type { TenantChange } from "./answers.ts";
import { Act, Note } from "./controls.tsx";
import { Heading } from "./heading.tsx";
import { usePages } from "./pages.ts";
import { own } from "./session.ts";
import { words } from "./words.ts";

/** What was changed of any of the endpoints; the list stands still until it is refreshed. */
export function AllActivity() {
  const { rows, hasMore, problem, reload, more } = usePages<TenantChange>(own("/history?limit=25"));
  return (
    <>
      <Heading text={words.pages.activity} />
      <div class="line">
        <p class="muted grow">{words.activity.ofAll}</p>
        <Act label={words.deliveries.refresh} kind="plain" act={reload} />
      </div>
      {problem !== "" && <Note title={words.notLoaded.changes}>{problem}</Note>}
      {rows === undefined && problem === "" && <p class="muted">{words.common.loading}</p>}
      {rows?.length === 0 && <Note title={words.activity.none}>{words.activity.noneAnywhere}</Note>}
      <ul class="rows" aria-label={words.pages.activity}>
        {rows?.map((change) => (
          <li key={`${change.endpoint_id} ${change.revision}`} class="change">
            <Named change={change} />
            <Changed change={change} />
          </li>
        ))}
      </ul>
      {hasMore && <Act label={words.common.more} act={more} />}
    </>
  );
}

/** The endpoint that was changed, with a link to it while it exists. */
function Named({ change }: { readonly change: TenantChange }) {
  const { endpoint_id: id, url, is_deleted: isDeleted } = change;
  const name = <bdi>{url ?? id}</bdi>;
  return (
    <span class="long">{isDeleted ? name : <a href={href(`/endpoints/${id}/activity`)}>{name}</a>}</span>
  );
}
