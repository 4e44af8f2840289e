import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { asError } from "../kit/loaded.ts";
import { words } from "./words.ts";

interface Acting {
  readonly label: string;
  readonly disabled?: boolean;
  act(): Promise<unknown>;
}

/** A button that does something on the server: it cannot be pressed meanwhile, and what goes wrong stands next to it. */
export function Act(props: Acting & { readonly kind?: "plain" | "primary" | "danger" }) {
  const { isBusy, problem, press } = useAct(props.act);
  return (
    <>
      <button type="button" class={props.kind ?? "plain"} disabled={isBusy || props.disabled} onClick={press}>
        {props.label}
      </button>
      {problem}
    </>
  );
}

/** Fields with a button that does something with them on the server, as Enter does. */
export function Form(
  props: Acting & {
    readonly class?: string;
    readonly children: ComponentChildren;
    /** Next to the button. */
    readonly after?: ComponentChildren;
  },
) {
  const { isBusy, problem, press } = useAct(props.act);
  return (
    <form
      class={props.class ?? "fields"}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void press();
      }}
    >
      {props.children}
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy || props.disabled}>
          {props.label}
        </button>
        {problem}
        {props.after}
      </div>
    </form>
  );
}

function useAct(act: Acting["act"]) {
  const [isBusy, setBusy] = useState(false);
  const [told, setTold] = useState("");
  const press = async () => {
    setBusy(true);
    setTold("");
    try {
      await act();
    } catch (thrown) {
      setTold(asError(thrown).message);
    }
    setBusy(false);
  };
  const problem = told !== "" && (
    <p class="problem" role="alert">
      {told}
    </p>
  );
  return { isBusy, problem, press };
}

/** Text that a click copies, even where the page is not served over HTTPS. */
export function Copied({ text }: { readonly text: string }) {
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
      {isCopied ? words.common.copied : words.common.copy}
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
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close(); // the focus goes back to where it was
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
