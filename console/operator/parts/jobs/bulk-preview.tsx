import type { z } from "zod";
import type { bulkPreview } from "../../../../src/http/schemas/bulk.ts";
import type { FailureAnswer } from "../../../../src/http/schemas/failure.ts";
import { useAsked } from "../../live/asked.ts";
import { allTake, DEFAULT_PACE, laneTakes } from "../../rules/estimate.ts";
import { span } from "../../rules/times.ts";
import { Facts, Mono, pageAt } from "../marks.tsx";

export type Preview = z.infer<typeof bulkPreview>;

const AGES: Readonly<Record<string, string>> = {
  "1h": "in the last hour",
  "24h": "in the last day",
  "7d": "in the last week",
  older: "before that",
};
const FEW = 5;

/** How many a run would change, and whether there may be more. */
export function countOf(preview: Preview | undefined): string {
  const n = (preview?.changed ?? 0).toLocaleString("en");
  return preview?.matched.at_least ? `${n}+` : n;
}

/** What a run would do, with which jobs, and for how long. @param pace as it is asked for so far. */
export function Previewed({
  preview,
  pace,
}: {
  readonly preview: Preview;
  readonly pace: number | undefined;
}) {
  const { matched, lanes, failures, samples } = preview;
  const takes = allTake(lanes, pace);
  const classes = words(preview.classes);
  const ages = words(preview.ages, (age) => AGES[age] ?? age);
  const samplesAt = samples[0]?.startsWith("msg_") ? "events" : "jobs"; // a replay is about events
  return (
    <div class="card">
      <p>
        <strong>
          {matched.n.toLocaleString("en")}
          {matched.at_least ? " or more" : ""}
        </strong>{" "}
        found, {countOf(preview)} to be changed
        {Object.entries(preview.skipped)
          .filter(([, n]) => n > 0)
          .map(([reason, n]) => `, ${n.toLocaleString("en")} skipped (${reason.replaceAll("_", " ")})`)}
        {takes !== undefined && `; ${matched.at_least ? "at least" : "about"} ${span(takes)} at this pace`}.
      </p>
      <Facts
        of={[
          classes && ["Last attempt", classes],
          ages && ["Created", ages],
          samples.length > 0 && [
            "Such as",
            <span class="line">
              {samples.map((id) => (
                <a key={id} href={pageAt(samplesAt, id)} target="_blank" rel="noreferrer">
                  <code>{`…${id.slice(-6)}`}</code>
                </a>
              ))}
            </span>,
          ],
        ]}
      />
      {failures.length > 0 && (
        <Most name="By failure" of={failures}>
          {({ fingerprint, n }) => <FailedWith key={fingerprint} fingerprint={fingerprint} n={n} />}
        </Most>
      )}
      {lanes.length > 0 && (
        <Most name="By lane" of={lanes}>
          {(lane) => (
            <li key={lane.lane} class="line">
              <Mono>{lane.lane}</Mono>
              <span class="faint short">{laneTold(lane, pace)}</span>
            </li>
          )}
        </Most>
      )}
    </div>
  );
}

interface MostProps<Row> {
  readonly name: string;
  readonly of: readonly Row[];
  children(row: Row): preact.JSX.Element;
}

/** The first few of a list, and how many more there are. */
function Most<Row>({ name, of, children }: MostProps<Row>) {
  return (
    <>
      <h3>{name}</h3>
      <ul class="plain lanes">{of.slice(0, FEW).map((row) => children(row))}</ul>
      {of.length > FEW && <p class="faint">and {of.length - FEW} more</p>}
    </>
  );
}

function laneTold(lane: Preview["lanes"][number], pace: number | undefined): string {
  const takes = laneTakes(lane, pace);
  const n = lane.n.toLocaleString("en");
  if (takes === undefined) return n;
  const isSlow = lane.rate !== null && lane.rate < (pace ?? DEFAULT_PACE);
  return `${n}, about ${span(takes)}${isSlow ? ` at its ${lane.rate} a second` : ""}`;
}

function FailedWith({ fingerprint, n }: { readonly fingerprint: string; readonly n: number }) {
  const { data } = useAsked<FailureAnswer>(`/failures/${encodeURIComponent(fingerprint)}`, { once: true });
  return (
    <li class="line">
      {/* its group may have been forgotten */}
      <span class="error clip">{data?.sample.split("\n", 1)[0] ?? fingerprint}</span>
      <span class="faint short">{n.toLocaleString("en")}</span>
    </li>
  );
}

/** `5xx: 40, timeout: 2`; undefined if there are none. */
function words(counts: Readonly<Record<string, number>>, told = (name: string) => name): string | undefined {
  const some = Object.entries(counts).filter(([, n]) => n > 0);
  if (some.length === 0) return undefined;
  return some.map(([name, n]) => `${told(name)}: ${n.toLocaleString("en")}`).join(", ");
}
