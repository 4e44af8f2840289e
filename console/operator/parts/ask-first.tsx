import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { refusal } from "../../kit/api.ts";
import { may } from "../live/server.ts";

interface AskFirstProps {
  readonly label: string;
  /** What it takes. */
  readonly takes: "read" | "send" | "manage" | "admin";
  readonly title: string;
  /** What will happen. */
  readonly children: ComponentChildren;
  readonly danger?: boolean;
  act(): Promise<unknown>;
  done(): void;
}

/** A button that opens a dialog; only the dialog acts, and it stays open to say why not. */
export function AskFirst({ label, takes, title, children, danger = false, act, done }: AskFirstProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const allowed = may(takes);
  const confirm = async () => {
    setBusy(true);
    try {
      await act();
      dialog.current?.close();
      done();
    } catch (error) {
      setProblem(refusal(error));
    } finally {
      setBusy(false);
    }
  };
  const open = () => {
    setProblem(undefined);
    dialog.current?.showModal();
  };
  return (
    <>
      <button
        type="button"
        class={danger ? "danger" : ""}
        disabled={!allowed}
        title={allowed ? undefined : `takes the role ${takes}`}
        onClick={open}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-label={title}>
        <h2>{title}</h2>
        <div class="stack">{children}</div>
        {problem && (
          <p class="trouble" role="alert">
            {problem}
          </p>
        )}
        <div class="actions end">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button
            type="button"
            class={danger ? "danger solid" : "solid"}
            disabled={busy}
            onClick={() => void confirm()}
          >
            {label}
          </button>
        </div>
      </dialog>
    </>
  );
}
