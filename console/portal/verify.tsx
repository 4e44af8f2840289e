import { useState } from "preact/hooks";
import { SNIPPETS } from "../kit/snippets.ts";
import { CheckRequest } from "./check-request.tsx";
import { Copied } from "./controls.tsx";
import { Heading } from "./heading.tsx";
import { words } from "./words.ts";

/** How to tell that a delivery is genuine. */
export function Verify() {
  const [language, setLanguage] = useState("Node.js");
  const snippet = SNIPPETS.get(language) ?? "";
  const told = words.verify;
  return (
    <>
      <Heading text={told.title} />
      <p>
        {told.headers} <code>webhook-id</code>, <code>webhook-timestamp</code>, <code>webhook-signature</code>
        , {told.as}{" "}
        <a href="https://www.standardwebhooks.com" rel="noreferrer" target="_blank">
          Standard Webhooks
        </a>{" "}
        {told.describes} <code>webhook-id</code> {told.twice}
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
        <Copied text={snippet} />
      </div>
      <pre>{snippet}</pre>
      <CheckRequest />
    </>
  );
}
