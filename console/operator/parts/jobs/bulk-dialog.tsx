import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { BulkAnswer } from "../../../../src/http/schemas/bulk.ts";
import { asError } from "../../../kit/loaded.ts";
import { Problem } from "../../../kit/problem.tsx";
import { tell } from "../../live/server.ts";
import type { RunRequest } from "../../rules/repeat-run.ts";
import { AskFirst } from "../ask-first.tsx";
import { pageAt } from "../marks.tsx";
import { countOf, type Preview, Previewed } from "./bulk-preview.tsx";

export type BulkAction = RunRequest["action"];

/** From this many jobs on, their number has to be typed before the run begins. */
const TYPED_FROM = 1_000;

const ACTIONS: readonly (readonly [BulkAction, string, string])[] = [
  [
    "redeliver",
    "Redeliver webhooks",
    "Deliveries are queued again, due now, with their full number of attempts and the same webhook-id.",
  ],
  ["rerun", "Rerun tasks", "Jobs are queued again, due now, with their full number of attempts."],
  ["run_now", "Run now", "Jobs that wait for a later time become due now."],
  ["cancel", "Cancel", "Queued and running jobs are cancelled. What was sent stays sent."],
  ["replay", "Replay events", "The endpoint gets these events, each with its webhook-id."],
];

const WHATS = [
  ["failed", "what failed"],
  ["missing", "what it never got"],
  ["all", "everything"],
] as const;
const SINCES = [
  ["1h", "the last hour"],
  ["24h", "the last day"],
  ["168h", "the last week"],
] as const;

interface BulkDialogProps {
  readonly label: string;
  /** As `POST /bulk` takes it; `about` says in words what it is about. */
  readonly filter: RunRequest["filter"];
  readonly about: string;
  /** The first one is chosen. */
  readonly actions?: readonly BulkAction[];
  /** The endpoint of a replay. */
  readonly what?: RunRequest["what"];
  readonly pace?: number;
}

/** One action over all jobs that match: what it would do, first; then, with a few seconds in which it can be undone, it. */
export function BulkDialog(props: BulkDialogProps) {
  const { label, filter, about, actions = ["redeliver", "rerun", "run_now", "cancel"] } = props;
  const { route } = useLocation();
  const [isOpen, setOpen] = useState(false);
  const [action, setAction] = useState<BulkAction>(actions[0] ?? "redeliver");
  const [what, setWhat] = useState<string>(props.what ?? "failed");
  const [since, setSince] = useState("24h");
  const [preview, setPreview] = useState<Preview>();
  const [problem, setProblem] = useState<string>();
  const [pace, setPace] = useState(String(props.pace ?? ""));
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState("");
  const isReplay = action === "replay";
  const isPaced = action !== "cancel";
  const hasSpan = filter.created_from !== undefined;
  const asked = {
    action,
    filter: isReplay && !hasSpan ? { ...filter, created_from: since } : filter,
    ...(isReplay && { what }),
  };
  useEffect(() => {
    if (!isOpen) return;
    let isCurrent = true;
    setPreview(undefined);
    setProblem(undefined);
    setTyped("");
    tell<Preview>("/bulk", { ...asked, dry_run: true }).then(
      (found) => isCurrent && setPreview(found),
      (error: unknown) => isCurrent && setProblem(asError(error).message),
    );
    return () => {
      isCurrent = false;
    };
  }, [isOpen, JSON.stringify(asked)]);
  const start = async () => {
    const how = { ...(isPaced && pace && { pace: Number(pace) }), ...(note && { note }) };
    const { id } = await tell<BulkAnswer>("/bulk", { ...asked, ...how });
    route(pageAt("bulk", id));
  };
  const changed = preview?.changed ?? 0;
  const isMore = preview?.matched.at_least ?? false;
  const word = changed >= TYPED_FROM ? String(changed) : isMore ? "all" : undefined;
  const isConfirmed = (changed > 0 || isMore) && (word === undefined || typed.trim() === word);
  const told = ACTIONS.find(([name]) => name === action);
  return (
    <AskFirst
      label={label}
      takes="manage"
      title={label.replace("…", "")}
      isWide
      confirm={changed === 0 && !isMore ? "Nothing to do" : `${told?.[1]}: ${countOf(preview)}`}
      isReady={isConfirmed}
      opened={() => setOpen(true)}
      closed={() => setOpen(false)}
      act={start}
    >
      <p class="faint">{about}</p>
      {actions.length > 1 && (
        <Choice
          name="What to do"
          among={ACTIONS.filter(([name]) => actions.includes(name)).map(([name, said]) => [name, said])}
          chosen={action}
          choose={(chosen) => setAction(chosen as BulkAction)}
        />
      )}
      {isReplay && (
        <div class="two even">
          <Choice name="Which events" among={WHATS} chosen={what} choose={setWhat} />
          {!hasSpan && <Choice name="Of" among={SINCES} chosen={since} choose={setSince} />}
        </div>
      )}
      <p>{told?.[2]}</p>
      {preview ? (
        <Previewed preview={preview} pace={isPaced && pace ? Number(pace) : undefined} />
      ) : (
        !problem && <p class="faint">Counting…</p>
      )}
      <div class="two even">
        {isPaced && (
          <label>
            Jobs per second and endpoint
            <input
              type="number"
              min="1"
              max="10000"
              placeholder="50, or the endpoint's own rate"
              value={pace}
              onInput={(event) => setPace(event.currentTarget.value)}
            />
          </label>
        )}
        <label>
          Note, for the record
          <input value={note} maxLength={1_000} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
      </div>
      {word !== undefined && (
        <label>
          Type {word} to confirm{word === "all" && ": more may match than could be counted in time"}
          <input value={typed} inputMode="numeric" onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
      )}
      <Problem text={problem} />
    </AskFirst>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly among: readonly (readonly [value: string, said: string])[];
  readonly chosen: string;
  choose(value: string): void;
}

function Choice({ name, among, chosen, choose }: ChoiceProps) {
  return (
    <label>
      {name}
      <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {among.map(([value, said]) => (
          <option key={value} value={value}>
            {said}
          </option>
        ))}
      </select>
    </label>
  );
}
