import type { ListedEndpoint } from "../../../../src/http/schemas/endpoint-list.ts";
import { pageAt, Time } from "../marks.tsx";
import { search } from "../query.ts";

/** Counts stop one above this. */
const MOST = 1_000;

/** What is being sent to an endpoint, and what waits for it: each opens the deliveries that it counts. */
export function Backlog({
  of: { endpoint_id: endpoint, tenant, backlog },
}: {
  readonly of: Pick<ListedEndpoint, "endpoint_id" | "tenant" | "backlog">;
}) {
  if (!backlog) return <span class="faint">–</span>;
  const { running, due, held, scheduled, oldest_due_at } = backlog;
  const jobs = (status: string) => `${pageAt("jobs")}${search({ tenant, endpoint, status })}`;
  const waits = [
    [due, "due"],
    [held, "held"],
    [scheduled, "later"],
  ] as const;
  if (waits.every(([count]) => count === 0) && running === 0)
    return <span class="faint short">nothing waits</span>;
  return (
    <>
      <span class="line">
        {waits.map(
          ([count, what]) =>
            count > 0 && (
              <a key={what} class="short" href={jobs("queued")}>
                {upTo(count)} {what}
              </a>
            ),
        )}
        {running > 0 && (
          <a class="short" href={jobs("running")}>
            {running} running
          </a>
        )}
      </span>
      {oldest_due_at && (
        <span class="faint short">
          oldest due <Time at={oldest_due_at} />
        </span>
      )}
    </>
  );
}

function upTo(count: number): string {
  return count > MOST ? `${MOST.toLocaleString("en")}+` : count.toLocaleString("en");
}
