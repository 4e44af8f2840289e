import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api, session } from "../live/server.ts";
import { AskFirst } from "./ask-first.tsx";
import { Payload } from "./payload.tsx";

interface RevealedProps {
  readonly name: string;
  /** As the server shows it to everyone. */
  readonly text: string;
  /** What shows it in full to someone who says why. */
  readonly path: string;
  /** Takes it from the answer. */
  from(answer: string): string | undefined;
  /** What else is hidden, and is shown together with it. @param query to be added to a path. */
  readonly besides?: { readonly isHidden: boolean; reveal(query: string): Promise<void> };
  /** What can be done with the text; undefined while something in it is hidden. */
  action?(text: string | undefined): ComponentChildren;
}

/** What was sent or answered. What is hidden in it is shown once to someone who may see it and says why; then it is in the audit. */
export function Revealed({ name, text, path, from, besides, action }: RevealedProps) {
  const [whole, setWhole] = useState<string>();
  const [reason, setReason] = useState("");
  const reveal = async () => {
    if (reason.trim() === "") throw new Error("Enter a reason.");
    const query = `reveal=${encodeURIComponent(reason)}`;
    if (besides?.isHidden) await besides.reveal(query);
    if (isTextHidden) setWhole(from(await api.text(`${path}${path.includes("?") ? "&" : "?"}${query}`)));
  };
  const isTextHidden = whole === undefined && text.includes("••••");
  const isHidden = isTextHidden || (besides?.isHidden ?? false);
  return (
    <>
      <Payload name={name} text={whole ?? text} />
      <div class="actions below">
        {action?.(isHidden ? undefined : (whole ?? text))}
        {isHidden && session.value?.payloads === "full" && (
          <AskFirst
            label="Reveal"
            takes="read"
            title="Reveal what is hidden?"
            act={reveal}
            done={() => setReason("")}
          >
            <p>You are shown everything. The audit records who looked, when and why.</p>
            <label>
              Why
              <input
                value={reason}
                maxLength={500}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </label>
          </AskFirst>
        )}
      </div>
    </>
  );
}
