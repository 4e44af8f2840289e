import { useLoaded } from "../kit/loaded.ts";
import { Time } from "../kit/time.tsx";
import type { Change, Made, Page } from "./answers.ts";
import { Note } from "./controls.tsx";
import { fieldLabel, shownValue } from "./rules/shown-value.ts";
import { api, own } from "./session.ts";
import { words } from "./words.ts";

/** Of an endpoint's changes the server keeps as many. */
const MOST_KEPT = 100;
/** What the server says in place of what it keeps secret. */
const HIDDEN = "[hidden]";

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
            <MadeBy made={change} />
            <Fields changes={change.changes} />
          </li>
        ))}
      </ul>
      {value.data.length >= MOST_KEPT && <p class="muted">{words.activity.older}</p>}
    </>
  );
}

/** When, by whom, and why. @param byNobody said where there is no actor; empty to say nothing. */
export function MadeBy({
  made: { at, actor, reason },
  byNobody = "",
}: {
  readonly made: Made;
  readonly byNobody?: string;
}) {
  const who = actor === null ? byNobody : whoIs(actor);
  return (
    <span class="muted">
      <Time at={at} />
      {who && ` · ${who}`}
      {reason && (
        <>
          {" · "}
          <bdi>{reason}</bdi>
        </>
      )}
    </span>
  );
}

/** For each field what it was and what it is. */
export function Fields({ changes }: Pick<Made, "changes">) {
  return (
    <>
      {Object.entries(changes).map(([field, { was, is }]) => (
        <span key={field} class="long">
          <strong>{fieldLabel(field)}</strong>:{" "}
          {was === HIDDEN || is === HIDDEN ? (
            words.activity.changed
          ) : (
            <>
              <bdi>{shown(field, was)}</bdi> → <bdi>{shown(field, is)}</bdi>
            </>
          )}
        </span>
      ))}
    </>
  );
}

/** People of the tenant have sessions; everybody else is of the server's side. */
function whoIs(actor: string): string {
  return actor.startsWith("portal:") ? words.activity.here : words.activity.byUs;
}

function shown(field: string, value: unknown): string {
  return shownValue(field, value, field === "event_types" ? words.activity.every : words.activity.nothing);
}
