import { useState } from "preact/hooks";
import { jsonPieces } from "../../kit/json-tokens.ts";
import { Copy } from "./marks.tsx";

/** More is shown when asked for. */
const SHOWN_AT_ONCE = 65_536;

/** What was sent or answered, as text and never as anything else. */
export function Payload({ text, name }: { readonly text: string; readonly name: string }) {
  const [raw, setRaw] = useState(false);
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > SHOWN_AT_ONCE;
  const shown = cut ? text.slice(0, SHOWN_AT_ONCE) : text;
  const pieces = raw || cut ? undefined : jsonPieces(shown);
  return (
    <figure class="payload">
      <figcaption>
        <span>{name}</span>
        <span class="faint">
          {text.length.toLocaleString("en")} {text.length === 1 ? "character" : "characters"}
        </span>
        <span class="fill" />
        <button type="button" class="quiet" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          Raw
        </button>
        <Copy text={text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0}>
        {pieces
          ? pieces.map(({ kind, text: piece }, at) => (
              <span key={at} class={`json-${kind}`}>
                {piece}
              </span>
            ))
          : shown}
      </pre>
      {cut && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all of it
        </button>
      )}
    </figure>
  );
}
