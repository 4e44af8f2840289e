import { useState } from "preact/hooks";
import { views } from "../../live/settings.ts";
import { viewSearch, viewsIn, withView } from "../../rules/views.ts";
import { AskFirst } from "../ask-first.tsx";
import { useQuery } from "../query.ts";

/** Filters of a list that this browser keeps by name. @param at the list. */
export function SavedViews({ at }: { readonly at: string }) {
  const { query } = useQuery();
  const [name, setName] = useState("");
  const search = viewSearch(query);
  const kept = viewsIn(views.value);
  const shown = kept.find((view) => view.search === search);
  const save = async () => {
    views.value = JSON.stringify(withView(kept, { name: name.trim(), search }));
  };
  const remove = () => {
    views.value = JSON.stringify(kept.filter((view) => view !== shown));
  };
  if (kept.length === 0 && search === "") return null;
  return (
    <div class="views">
      {kept.map((view) => (
        <a
          key={view.name}
          class="view"
          href={at + view.search}
          aria-current={view === shown ? "true" : undefined}
        >
          {view.name}
        </a>
      ))}
      {search !== "" && !shown && (
        <AskFirst
          label="Save this view"
          takes="read"
          look="quiet"
          title="Save this view"
          confirm="Save"
          isReady={name.trim() !== ""}
          opened={() => setName("")}
          act={save}
        >
          <p class="faint">It is kept in this browser.</p>
          <label>
            Name
            <input
              required
              maxLength={60}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
        </AskFirst>
      )}
      {shown && (
        <button type="button" class="quiet" onClick={remove}>
          Forget this view
        </button>
      )}
    </div>
  );
}
