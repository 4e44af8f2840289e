import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Act, Note } from "./controls.tsx";
import { asError } from "../kit/loaded.ts";
import type { Attempt, Page } from "./answers.ts";
import { AttemptRow } from "./attempt-row.tsx";
import { EventTypeFilter } from "./event-type-filter.tsx";
import { api } from "./session.ts";
import { words } from "./words.ts";

const FILTERS = [
  ["", words.deliveries.all],
  ["succeeded", words.deliveries.succeeded],
  ["failed", words.deliveries.failed],
] as const;

interface DeliveriesProps {
  /** What lists them. */
  readonly path: string;
  /** By the ids of endpoints, where they are of several. */
  readonly urls?: ReadonlyMap<string, string>;
  /** Shown until there is a delivery. */
  readonly none: string;
  /** What else can be done about them. */
  readonly children?: ComponentChildren;
}

/** What was sent, and what came back; the list stands still until it is refreshed. */
export function Deliveries({ path, urls, none, children }: DeliveriesProps) {
  const [status, setStatus] = useState("");
  const [type, setType] = useState("");
  const [attempts, setAttempts] = useState<readonly Attempt[]>();
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  const chosen = `${path} ${status} ${type}`;
  const wanted = useRef(chosen);
  wanted.current = chosen;
  const load = async (cursor?: string) => {
    const query = new URLSearchParams({
      limit: "25",
      ...(status !== "" && { status }),
      ...(type !== "" && { type }),
      ...(cursor !== undefined && { cursor }),
    });
    const page = await api.get<Page<Attempt>>(`${path}?${query}`);
    if (wanted.current !== chosen) return; // a late answer to an earlier choice
    setAttempts((old = []) => (cursor === undefined ? page.data : [...old, ...page.data]));
    setNext(page.next_cursor);
    setProblem("");
  };
  useEffect(() => {
    load().catch((thrown) => wanted.current === chosen && setProblem(asError(thrown).message));
  }, [path, status, type]);
  return (
    <section aria-label={words.pages.deliveries}>
      <div class="line">
        {FILTERS.map(([value, name]) => (
          <button
            key={value}
            type="button"
            class="chip"
            aria-pressed={value === status}
            onClick={() => setStatus(value)}
          >
            {name}
          </button>
        ))}
        <EventTypeFilter chosen={type} choose={setType} />
        <span class="grow" />
        {children}
        <Act label={words.deliveries.refresh} kind="plain" act={() => load()} />
      </div>
      {problem !== "" && <Note title={words.notLoaded.deliveries}>{problem}</Note>}
      {attempts === undefined && problem === "" && <p class="muted">{words.common.loading}</p>}
      {attempts?.length === 0 && next === null && (
        <Note title={words.deliveries.none}>
          {status === "" && type === "" ? none : words.deliveries.noneThat}
        </Note>
      )}
      <ul class="rows">
        {attempts?.map((attempt) => (
          <li key={attempt.attempt_id}>
            <AttemptRow
              attempt={attempt}
              url={urls && (urls.get(attempt.endpoint_id) ?? attempt.endpoint_id)}
            />
          </li>
        ))}
      </ul>
      {next && <Act label={words.deliveries.more} act={() => load(next)} />}
    </section>
  );
}
