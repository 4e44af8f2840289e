import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Attempt } from "../answers.ts";
import { Act, Note } from "../controls.tsx";
import { EventTypeFilter } from "../event-types/event-type-filter.tsx";
import { usePages } from "../pages.ts";
import { words } from "../words.ts";
import { AttemptRow } from "./attempt-row.tsx";

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
  const query = new URLSearchParams({
    limit: "25",
    ...(status !== "" && { status }),
    ...(type !== "" && { type }),
  });
  const { rows, hasMore, problem, reload, more } = usePages<Attempt>(`${path}?${query}`);
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
        <Act label={words.deliveries.refresh} kind="plain" act={reload} />
      </div>
      {problem !== "" && <Note title={words.notLoaded.deliveries}>{problem}</Note>}
      {rows === undefined && problem === "" && <p class="muted">{words.common.loading}</p>}
      {rows?.length === 0 && !hasMore && (
        <Note title={words.deliveries.none}>
          {status === "" && type === "" ? none : words.deliveries.noneThat}
        </Note>
      )}
      <ul class="rows">
        {rows?.map((attempt) => (
          <li key={attempt.attempt_id}>
            <AttemptRow
              attempt={attempt}
              url={urls && (urls.get(attempt.endpoint_id) ?? attempt.endpoint_id)}
            />
          </li>
        ))}
      </ul>
      {hasMore && <Act label={words.common.more} act={more} />}
    </section>
  );
}
