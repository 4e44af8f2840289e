import { useLayoutEffect, useRef } from "preact/hooks";
import { useLocation } from "preact-iso";
import { beat, paused } from "../live/beat.ts";
import { nextTheme, shortcuts } from "../live/settings.ts";
import { pageAt } from "./marks.tsx";
import type { PageLink } from "./page-links.ts";

const TOLD = [
  ["/", "Find"],
  ["j, k", "Next row, previous row"],
  ["Enter", "Open the row"],
  ["x", "Select the row"],
  ["u", "Up to the list"],
  [".", "Freeze the page, or continue"],
  ["r", "Refresh"],
  ["t", "Theme"],
  ["?", "This list"],
] as const;

/** Keys for what the pointer can do too. None of them changes anything on the server. */
export function Shortcuts({ pages }: { readonly pages: readonly PageLink[] }) {
  const { route } = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef("");
  // with the page, not after it was painted: keys may come at once
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (shortcuts.peek() === "off") return; // now, whatever was drawn last
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const before = pressed.current;
      pressed.current = event.key;
      const path = location.pathname;
      const page = before === "g" ? pages.find(({ letter }) => letter === event.key) : undefined;
      if (page) route(page.path === "" ? pageAt() : pageAt(page.path));
      else if (event.key === "/") document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
      else if (event.key === "j") step(1);
      else if (event.key === "k") step(-1);
      else if (event.key === "x") focusedRow()?.querySelector<HTMLElement>("input[type=checkbox]")?.click();
      else if (event.key === "u" && path.split("/").length > 3) route(path.split("/").slice(0, -1).join("/"));
      else if (event.key === ".") paused.value = !paused.peek();
      else if (event.key === "r") beat.value++;
      else if (event.key === "t") nextTheme();
      else if (event.key === "?") dialog.current?.showModal();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [pages, route]);
  return (
    <dialog ref={dialog} aria-label="Keyboard shortcuts">
      <h2>Keyboard shortcuts</h2>
      <dl class="facts">
        {[...TOLD, ...pages.map(({ name, letter }) => [`g ${letter}`, name] as const)].map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split(/,? /).map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog" class="actions end">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

/** To the next row of the page's list, or the one before. */
function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row] a")];
  const at = rows.indexOf(document.activeElement as HTMLElement); // -1 if it is not one of them
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

function focusedRow(): Element | null | undefined {
  return document.activeElement?.closest("[data-row]");
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    /^(?:TEXTAREA|SELECT)$|^INPUT$/.test(target.tagName) &&
    !(target instanceof HTMLInputElement && /^(?:checkbox|radio)$/.test(target.type))
  );
}
