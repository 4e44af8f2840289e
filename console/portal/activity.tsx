import { Note } from "../kit/controls.tsx";
import { useLoaded } from "../kit/loaded.ts";
import { Time } from "../kit/time.tsx";
import type { Change, Page } from "./answers.ts";
import { api, own } from "./session.ts";

/** What was changed of the endpoint, by whom, and why. */
export function Activity({ id }: { readonly id: string }) {
  const { value, error } = useLoaded(id, () => api.get<Page<Change>>(own(`/endpoints/${id}/history`)));
  if (error) return <Note title="The changes could not be loaded">{error.message}</Note>;
  if (value?.data.length === 0) return <Note title="No changes yet" />;
  return (
    <ul class="rows" aria-label="Activity">
      {value?.data.map(({ revision, at, actor, reason, changes }) => (
        <li key={revision} class="change">
          <span class="muted">
            <Time at={at} /> · {whoIs(actor)}
            {reason && ` · ${reason}`}
          </span>
          {Object.entries(changes).map(([field, { was, is }]) => (
            <span key={field} class="long">
              <strong>{field.replaceAll("_", " ")}</strong>: {shown(was)} → {shown(is)}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** People of the tenant have sessions; everybody else is of the server's side. */
function whoIs(actor: string | null): string {
  if (actor === null) return "automatically";
  return actor.startsWith("portal:") ? "in this portal" : "by us";
}

function shown(value: unknown): string {
  if (value === null || value === "") return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
