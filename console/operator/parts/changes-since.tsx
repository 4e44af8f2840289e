import type { z } from "zod";
import type { auditPage } from "../../../src/http/schemas/audit.ts";
import type { workerPage } from "../../../src/http/schemas/fleet.ts";
import { useAsked } from "../live/asked.ts";
import { may, offers, session } from "../live/server.ts";
import { zone } from "../live/settings.ts";
import { type ChartMark, chartMarks } from "../rules/chart-marks.ts";
import { absolute } from "../rules/times.ts";
import { pageAt } from "./marks.tsx";
import { search } from "./query.ts";

const HOUR_SECONDS = 3_600;

interface Changes {
  readonly marks: readonly ChartMark[];
  /** Where there were more changes than were looked at: since when all of them are marked. */
  readonly auditedFrom: string | undefined;
}

/**
 * When living workers started, and, for those who may see the audit, when versions were replaced, and what was paused and resumed.
 * @param from seconds since the epoch; undefined for nothing yet.
 */
export function useChanges(from: number | undefined, stepSeconds: number): Changes {
  // the same address for an hour, so that it is not asked from scratch with each step
  const after = from === undefined ? undefined : from - (from % HOUR_SECONDS);
  const isAsked = after !== undefined;
  const workers = useAsked<z.infer<typeof workerPage>>(isAsked && offers("GET /workers") ? "/workers" : null);
  const audit = useAsked<z.infer<typeof auditPage>>(
    isAsked && mayAudit()
      ? `/audit${search({ after: new Date(after * 1_000).toISOString(), limit: "100" })}`
      : null,
  );
  if (from === undefined) return { marks: [], auditedFrom: undefined };
  return {
    marks: chartMarks(workers.data?.data ?? [], audit.data?.data ?? [], { from, stepSeconds }),
    auditedFrom: audit.data?.next_cursor ? audit.data.data.at(-1)?.at : undefined,
  };
}

function mayAudit(): boolean {
  return offers("GET /audit") && may("admin") && session.value?.mode === null;
}

/** What the numbers in the charts stand for. */
export function ChangeList({ of: { marks, auditedFrom } }: { readonly of: Changes }) {
  return (
    <details class="counted">
      <summary>Deploys and pauses in this period: {marks.length}</summary>
      <ol>
        {marks.map(({ at, label }, index) => (
          <li key={`${at} ${label}`}>
            <b>{index + 1}</b> {absolute(at * 1_000, zone())} {label}
          </li>
        ))}
      </ol>
      <p class="faint">
        Starts are those of the workers that are registered now.{" "}
        {!mayAudit() && "Pauses and earlier versions are in the audit, which requires the role admin. "}
        {auditedFrom &&
          `Pauses and earlier versions are marked since ${absolute(Date.parse(auditedFrom), zone())}. `}
        {mayAudit() && <a href={pageAt("audit")}>All changes</a>}
      </p>
    </details>
  );
}
