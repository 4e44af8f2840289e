import { useState } from "preact/hooks";
import { Copied } from "../kit/controls.tsx";
import { SNIPPETS } from "./snippets.ts";

/** How to tell that a delivery is genuine. */
export function Verify() {
  const [language, setLanguage] = useState("Node.js");
  const snippet = SNIPPETS.get(language) ?? "";
  return (
    <>
      <h1>Verify deliveries</h1>
      <p>
        Each request carries <code>webhook-id</code>, <code>webhook-timestamp</code> and{" "}
        <code>webhook-signature</code>, as{" "}
        <a href="https://www.standardwebhooks.com" rel="noreferrer" target="_blank">
          Standard Webhooks
        </a>{" "}
        describes them. Verify the body exactly as it arrived, before you parse it, with the endpoint's
        secret. The same <code>webhook-id</code> may come more than once: handle it once.
      </p>
      <div class="line">
        {[...SNIPPETS.keys()].map((name) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={name === language}
            onClick={() => setLanguage(name)}
          >
            {name}
          </button>
        ))}
        <span class="grow" />
        <Copied text={snippet} label="Copy" />
      </div>
      <pre>{snippet}</pre>
    </>
  );
}
