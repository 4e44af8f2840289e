import { useRef, useState } from "preact/hooks";
import { views } from "../live/settings.ts";
import { viewSearch, viewsIn, withView } from "../rules/views.ts";
import { useQuery } from "./query.ts";

/** Filters of a list that this browser keeps by name. @param at the list. */
export function SavedViews({ at }: { readonly at: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { query } = useQuery();
  const [name, setName] = useState("");
  const search = viewSearch(query);
  const kept = viewsIn(views.value);
  const shown = kept.find((view) => view.search === search);
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    views.value = JSON.stringify(withView(kept, { name: name.trim(), search }));
    dialog.current?.close();
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
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setName("");
            dialog.current?.showModal();
          }}
        >
          Save this view
        </button>
      )}
      {shown && (
        <button type="button" class="quiet" onClick={remove}>
          Forget this view
        </button>
      )}
      <dialog ref={dialog} aria-label="Save this view">
        <form class="stack" onSubmit={save}>
          <h2>Save this view</h2>
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
          <div class="actions end">
            <button type="button" onClick={() => dialog.current?.close()}>
              Leave it
            </button>
            <button type="submit" class="solid" disabled={name.trim() === ""}>
              Save
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}
