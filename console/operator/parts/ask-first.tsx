import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { refusal } from "../../kit/api.ts";
import { Problem } from "../../kit/problem.tsx";
import { may } from "../live/server.ts";

interface AskFirstProps {
  /** The label of the button that opens the dialog. */
  readonly label: string;
  /** The role that it requires. */
  readonly takes: "read" | "send" | "manage" | "admin";
  /** Why the button cannot be pressed, besides the role. */
  readonly hindrance?: string | undefined;
  /** Default: like any button; or like a dangerous one. */
  readonly look?: "solid" | "quiet";
  readonly danger?: boolean;
  readonly title: string;
  /** What will happen, and what has to be said first. They are there only while the dialog is open. */
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
  /** The label of the button that acts. Default: that of the one that opens. */
  readonly confirm?: string;
  /** Whether all that is needed was said. */
  readonly isReady?: boolean;
  /** What is shown once it has acted, instead of the question; the dialog then stays until it was read. */
  readonly after?: ComponentChildren;
  /** The label of the button that closes it then. Default: Close. */
  readonly seen?: string;
  /** Whether it cannot be shown again: then nothing but that button closes it. */
  readonly isOnce?: boolean;
  opened?(): void;
  closed?(): void;
  /** @param given the fields of the dialog that have names. */
  act(given: FormData): Promise<unknown>;
  done?(): void;
}

/** What a dialog returns that was closed on purpose. */
const SEEN = "seen";

/** A button that opens a dialog; only the dialog acts, and it stays open to say why not. */
export function AskFirst(props: AskFirstProps) {
  const { label, takes, hindrance, look, danger = false, title, children, confirm = label, after } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const allowed = may(takes);
  useLayoutEffect(() => {
    if (!isOpen || !dialog.current) return;
    dialog.current.returnValue = "";
    dialog.current.showModal();
  }, [isOpen]);
  const act = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await props.act(new FormData(event.currentTarget as HTMLFormElement)); // the form below
      if (after === undefined) dialog.current?.close();
      props.done?.();
    } catch (error) {
      setProblem(refusal(error));
    } finally {
      setBusy(false);
    }
  };
  const open = () => {
    setProblem(undefined);
    props.opened?.();
    setOpen(true);
  };
  const close = () => dialog.current?.close();
  const isKept = props.isOnce === true && after !== undefined && after !== null;
  const keep = () => setProblem(`This is shown only once. Close it with “${props.seen ?? "Close"}”.`);
  return (
    <>
      <button
        type="button"
        class={look ?? (danger ? "danger" : undefined)}
        disabled={!allowed || hindrance !== undefined}
        title={allowed ? hindrance : `requires the role ${takes}`}
        onClick={open}
      >
        {label}
      </button>
      <dialog
        ref={dialog}
        aria-label={title}
        class={props.isWide ? "wide" : undefined}
        onCancel={(event) => {
          if (!isKept) return;
          event.preventDefault();
          keep();
        }}
        onClose={(event) => {
          // a browser lets a page prevent Esc once, and closes the dialog the second time
          if (isKept && event.currentTarget.returnValue !== SEEN) {
            event.currentTarget.showModal();
            return keep();
          }
          setOpen(false);
          props.closed?.();
        }}
      >
        {isOpen && (
          <form onSubmit={(event) => void act(event)}>
            <h2>{title}</h2>
            <div class="stack">{after || children}</div>
            <Problem text={problem} />
            <div class="actions end">
              {after ? (
                <button type="button" class="solid" onClick={() => dialog.current?.close(SEEN)}>
                  {props.seen ?? "Close"}
                </button>
              ) : (
                <>
                  <button type="button" onClick={close}>
                    Leave it
                  </button>
                  <button
                    type="submit"
                    class={danger ? "danger solid" : "solid"}
                    disabled={busy || props.isReady === false}
                  >
                    {confirm}
                  </button>
                </>
              )}
            </div>
          </form>
        )}
      </dialog>
    </>
  );
}
