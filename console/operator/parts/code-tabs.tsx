import { useState } from "preact/hooks";
import { Copy } from "./marks.tsx";

/** The same in several languages, of which one is shown. */
export function CodeTabs({
  of,
  label,
}: {
  readonly of: ReadonlyMap<string, string>;
  readonly label: string;
}) {
  const [chosen, choose] = useState([...of.keys()][0] ?? "");
  const code = of.get(chosen) ?? "";
  return (
    <fieldset class="code-tabs">
      <legend class="unseen">{label}</legend>
      <div class="line">
        <div class="tabs">
          {[...of.keys()].map((name) => (
            <button key={name} type="button" aria-pressed={name === chosen} onClick={() => choose(name)}>
              {name}
            </button>
          ))}
        </div>
        <Copy text={code} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0}>{code}</pre>
    </fieldset>
  );
}
