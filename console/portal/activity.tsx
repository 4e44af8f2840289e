import { useLoaded } from "../kit/loaded.ts";
import { Time } from "../kit/time.tsx";
import type { Change, Page } from "./answers.ts";
import { Note } from "./controls.tsx";
import { api, own } from "./session.ts";
import { words } from "./words.ts";

/** Of an endpoint's changes the server keeps as many. */
const MOST_KEPT = 100;

/** What was changed of the endpoint, by whom, and why. */
export function Activity({ id }: { readonly id: string }) {
  const { value, error } = useLoaded(id, () => api.get<Page<Change>>(own(`/endpoints/${id}/history`)));
  if (error) return <Note title={words.notLoaded.changes}>{error.message}</Note>;
  if (!value) return <p class="muted">{words.common.loading}</p>;
  if (value.data.length === 0) return <Note title={words.activity.none} />;
  return (
    <>
      <ul class="rows" aria-label={words.endpoint.tabs.activity}>
        {value.data.map((change) => (
          <li key={change.revision} class="change">
            <Changed change={change} />
          </li>
        ))}
      </ul>
      {value.data.length >= MOST_KEPT && <p class="muted">{words.activity.older}</p>}
    </>
  );
}

/** One change: when and by whom, and for each field what it was and what it is. */
export function Changed({ change: { at, actor, reason, changes } }: { readonly change: Change }) {
  const { deleted_at: deleted, ...fields } = changes;
  return (
    <>
      <span class="muted">
        <Time at={at} /> · {whoIs(actor)}
        {reason && (
          <>
            {" · "}
            <bdi>{reason}</bdi>
          </>
        )}
      </span>
      {deleted && <strong>{words.activity.deleted}</strong>}
      {Object.entries(fields).map(([field, { was, is }]) => (
        <span key={field} class="long">
          <strong>{field.replaceAll("_", " ")}</strong>: <bdi>{shown(was)}</bdi> → <bdi>{shown(is)}</bdi>
        </span>
      ))}
    </>
  );
}

/** People of the tenant have sessions; everybody else is of the server's side. */
function whoIs(actor: string | null): string {
  if (actor === null) return words.activity.automatically;
  return actor.startsWith("portal:") ? words.activity.here : words.activity.byUs;
}

function shown(value: unknown): string {
  if (value === null || value === "") return words.activity.nothing;
  return typeof value === "string" ? value : JSON.stringify(value);
}
