import { useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { z } from "zod";
import type { BulkAnswer, bulkPreview } from "../../../src/http/schemas/bulk.ts";
import { may, tell } from "../live/server.ts";
import { span } from "../rules/times.ts";
import { Mono, pageAt } from "./marks.tsx";

type Preview = z.infer<typeof bulkPreview>;
type Action = "redeliver" | "rerun" | "run_now" | "cancel";

/** From this many jobs on, their number has to be typed before the run begins. */
const TYPED_FROM = 1_000;

const ACTIONS: readonly (readonly [Action, string, string])[] = [
  [
    "redeliver",
    "Redeliver webhooks",
    "Deliveries are queued again, due now, with all of their attempts and the same webhook-id.",
  ],
  ["rerun", "Run tasks again", "Jobs are queued again, due now, with all of their attempts."],
  ["run_now", "Run now", "What waits for later is due now."],
  ["cancel", "Cancel", "What waits or runs ends here. What was sent stays sent."],
];

interface BulkDialogProps {
  readonly label: string;
  /** As `POST /bulk` takes it; it says in words what it is about. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly about: string;
  readonly actions?: readonly Action[];
}

/** One action over all jobs that match: what it would do, first; then, with a few seconds in which it can be undone, it. */
export function BulkDialog({
  label,
  filter,
  about,
  actions = ["redeliver", "rerun", "run_now", "cancel"],
}: BulkDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { route } = useLocation();
  const [action, setAction] = useState<Action>(actions[0] ?? "redeliver");
  const [preview, setPreview] = useState<Preview>();
  const [problem, setProblem] = useState<string>();
  const [pace, setPace] = useState("");
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState("");
  const allowed = may("manage");
  const look = async (of: Action) => {
    setAction(of);
    setPreview(undefined);
    setProblem(undefined);
    setTyped("");
    try {
      setPreview(await tell<Preview>("/bulk", { action: of, filter, dry_run: true }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const start = async () => {
    const asked = {
      action,
      filter,
      ...(pace && { pace: Number(pace) }),
      ...(note && { note }),
    };
    try {
      const { id } = await tell<BulkAnswer>("/bulk", asked);
      dialog.current?.close();
      route(pageAt("bulk", id));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const changed = preview?.changed ?? 0;
  const isConfirmed = changed > 0 && (changed < TYPED_FROM || typed.trim() === String(changed));
  const told = ACTIONS.find(([name]) => name === action);
  return (
    <>
      <button
        type="button"
        disabled={!allowed}
        title={allowed ? undefined : "takes the role manage"}
        onClick={() => {
          dialog.current?.showModal();
          void look(action);
        }}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-label={label} class="wide">
        <h2>{label.replace("…", "")}</h2>
        <div class="stack">
          <p class="faint">{about}</p>
          {actions.length > 1 && (
            <label>
              What to do
              <select value={action} onChange={(event) => void look(event.currentTarget.value as Action)}>
                {ACTIONS.filter(([name]) => actions.includes(name)).map(([name, said]) => (
                  <option key={name} value={name}>
                    {said}
                  </option>
                ))}
              </select>
            </label>
          )}
          <p>{told?.[2]}</p>
          {preview ? <Previewed preview={preview} /> : !problem && <p class="faint">Counting…</p>}
          <div class="two even">
            <label>
              Jobs a second, for each endpoint
              <input
                type="number"
                min="1"
                max="10000"
                placeholder="50, or the endpoint's own rate"
                value={pace}
                onInput={(event) => setPace(event.currentTarget.value)}
              />
            </label>
            <label>
              Note, for the record
              <input value={note} maxLength={1_000} onInput={(event) => setNote(event.currentTarget.value)} />
            </label>
          </div>
          {changed >= TYPED_FROM && (
            <label>
              Type {changed} to confirm
              <input
                value={typed}
                inputMode="numeric"
                onInput={(event) => setTyped(event.currentTarget.value)}
              />
            </label>
          )}
        </div>
        {problem && (
          <p class="trouble" role="alert">
            {problem} Nothing was changed.
          </p>
        )}
        <div class="actions end">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button
            type="button"
            class={action === "cancel" ? "danger solid" : "solid"}
            disabled={!isConfirmed}
            onClick={() => void start()}
          >
            {changed === 0 ? "Nothing to do" : `${told?.[1]}: ${countOf(preview)}`}
          </button>
        </div>
      </dialog>
    </>
  );
}

function countOf(preview: Preview | undefined): string {
  return preview?.matched.at_least ? `${preview.changed}+` : String(preview?.changed ?? 0);
}

function Previewed({ preview }: { readonly preview: Preview }) {
  const skipped = Object.entries(preview.skipped).filter(([, n]) => n > 0);
  return (
    <div class="card">
      <p>
        <strong>
          {preview.matched.n}
          {preview.matched.at_least ? " or more" : ""}
        </strong>{" "}
        found, {countOf(preview)} to be changed
        {skipped.map(([reason, n]) => `, ${n} skipped (${reason.replaceAll("_", " ")})`)}.
      </p>
      {preview.lanes.length > 0 && (
        <ul class="plain lanes">
          {preview.lanes.slice(0, 5).map(({ lane, n, seconds }) => (
            <li key={lane} class="line">
              <Mono>{lane}</Mono>
              <span class="faint short">
                {n}, about {span(seconds * 1_000)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {preview.lanes.length > 5 && <p class="faint">and {preview.lanes.length - 5} more</p>}
    </div>
  );
}
