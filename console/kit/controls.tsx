import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { asError } from "./loaded.ts";

/** A button that does something on the server: it cannot be pressed meanwhile, and what goes wrong stands next to it. */
export function Act(props: {
  readonly label: string;
  readonly kind?: "plain" | "primary" | "danger";
  readonly disabled?: boolean;
  act(): Promise<unknown>;
}) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const press = async () => {
    setBusy(true);
    setProblem("");
    try {
      await props.act();
    } catch (thrown) {
      setProblem(asError(thrown).message);
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" class={props.kind ?? "plain"} disabled={isBusy || props.disabled} onClick={press}>
        {props.label}
      </button>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

/** Text that a click copies, even where the page is not served over HTTPS. */
export function Copied({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <button type="button" class="quiet" onClick={copy}>
      {isCopied ? "Copied" : label}
    </button>
  );
}

/** A question that has to be answered before anything else. */
export function Dialog(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  close(): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={props.close} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** A short text for what is not there, or went wrong. */
export function Note({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="note">
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}
