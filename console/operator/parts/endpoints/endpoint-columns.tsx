import type { z } from "zod";
import type { endpointAttemptPage } from "../../../../src/http/schemas/attempt.ts";
import type { ListedEndpoint } from "../../../../src/http/schemas/endpoint-list.ts";
import { byEndpoint } from "../../../kit/by-endpoint.ts";
import { Outcomes } from "../../../kit/outcomes.tsx";
import type { Column } from "../../../kit/table.tsx";
import { limitWords } from "../../rules/limit-words.ts";
import { span } from "../../rules/times.ts";
import { pageAt, Status, Time } from "../marks.tsx";
import { Backlog } from "./endpoint-backlog.tsx";
import { HealthOf } from "./endpoint-health.tsx";

type Attempt = z.infer<typeof endpointAttemptPage>["data"][number];

/** How many of its last deliveries are shown for each endpoint. */
const SHOWN = 20;

/** A tenant's endpoints and how they do. @param attempts the last ones of the tenant, newest first. */
export function endpointColumns(
  tenant: string,
  attempts: readonly Attempt[],
): readonly Column<ListedEndpoint>[] {
  const lately = byEndpoint(attempts, SHOWN);
  return [
    { name: "Status", cell: ({ status }) => <Status of={status} /> },
    {
      name: "Endpoint",
      isLong: true,
      cell: ({ endpoint_id, url, description, event_types, limits, ...rest }) => (
        <>
          <a href={pageAt("endpoints", tenant, endpoint_id)} title={url}>
            {url}
          </a>
          {description && <div class="faint clip">{description}</div>}
          <div class="faint clip">wants {event_types?.join(", ") ?? "every type"}</div>
          {limits && <div class="faint clip">at most {limitWords(limits)}</div>}
          {rest.status !== "active" && <Stopped of={rest} />}
        </>
      ),
    },
    { name: "24 hours", label: "in 24 hours", cell: ({ stats }) => <LastDay of={stats ?? null} /> },
    { name: "Waiting", label: "waiting", cell: (endpoint) => <Backlog of={endpoint} /> },
    {
      name: "Lately",
      cell: (endpoint) => (
        <Lately attempts={lately.get(endpoint.endpoint_id) ?? []} health={endpoint.health} />
      ),
    },
    {
      name: "Health",
      cell: (endpoint) => (
        <div class="health">
          <HealthOf endpoint={endpoint} />
        </div>
      ),
    },
  ];
}

type StatusField = "status" | "status_changed_at" | "status_actor" | "status_reason";

/** Since when, by whom and why it is stopped. */
function Stopped({ of }: { readonly of: Pick<ListedEndpoint, StatusField> }) {
  const { status, status_changed_at, status_actor, status_reason } = of;
  return (
    <div class="faint clip" title={status_reason ?? undefined}>
      {status} <Time at={status_changed_at} />
      {status_actor && ` by ${status_actor}`}
      {status_reason && `: ${status_reason}`}
    </div>
  );
}

/** How deliveries went in the last 24 hours: how many, and how many of those that have ended succeeded. */
function LastDay({ of }: { readonly of: NonNullable<ListedEndpoint["stats"]> | null }) {
  if (!of || of.succeeded + of.failed + of.retried === 0) return <span class="faint">–</span>;
  const { succeeded, failed, retried, attempt_ms } = of;
  const ended = succeeded + failed;
  return (
    <>
      {ended > 0 && (
        <span class="short">
          {shareOf(succeeded, ended)} <span class="faint">of {ended.toLocaleString("en")}</span>
        </span>
      )}
      {ended > 0 && failed + retried > 0 && ", "}
      {failed > 0 && <span class="short error">{failed.toLocaleString("en")} failed</span>}
      {failed > 0 && retried > 0 && ", "}
      {retried > 0 && <span class="short faint">{retried.toLocaleString("en")} retried</span>}
      {attempt_ms && <div class="faint short">95 % within {span(attempt_ms.p95)}</div>}
    </>
  );
}

/** Rounded down, so that 100 % is said of nothing less. */
function shareOf(part: number, whole: number): string {
  return `${Math.floor((part / whole) * 1_000) / 10} %`;
}

interface LatelyProps {
  /** The last ones to it, newest first. */
  readonly attempts: readonly Attempt[];
  readonly health: ListedEndpoint["health"];
}

/** How the last deliveries to an endpoint went. */
function Lately({ attempts, health }: LatelyProps) {
  const good = attempts.filter(({ outcome }) => outcome === "succeeded");
  // the health of an endpoint is saved only when it fails
  const last = good[0]?.started_at ?? health.last_success_at;
  return (
    <>
      {attempts.length === 0 ? (
        <span class="faint">–</span>
      ) : (
        <Outcomes newestFirst={attempts} label={`${good.length} of the last ${attempts.length} succeeded`} />
      )}
      {last && (
        <div class="faint short">
          last success <Time at={last} />
        </div>
      )}
    </>
  );
}
