import type { EndpointAnswer } from "../../../../src/http/schemas/endpoint.ts";
import { Time } from "../marks.tsx";

/** How an endpoint does, in words. */
export function HealthOf({
  endpoint: { health, status },
}: {
  readonly endpoint: Pick<EndpointAnswer, "health" | "status">;
}) {
  if (health.breaker !== "closed")
    return (
      <span class="warn">
        breaker open
        {health.next_probe_at && (
          <>
            , probe <Time at={health.next_probe_at} />
          </>
        )}
      </span>
    );
  if (health.failures > 0)
    return (
      <span class="warn">
        {health.failures} failed in a row, since <Time at={health.failing_since} />
      </span>
    );
  if (status !== "active") return <span class="faint">gets nothing now</span>;
  return <span class="good">healthy</span>;
}
