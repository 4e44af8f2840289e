import { Hours } from "../../kit/hours.tsx";
import { useLoaded } from "../../kit/loaded.ts";
import type { EndpointStats } from "../answers.ts";
import { api } from "../session.ts";
import { words } from "../words.ts";

/** How the deliveries of the last 24 hours went; nothing where there were none. @param path the endpoint's. */
export function LastDay({ path }: { readonly path: string }) {
  const { value } = useLoaded(path, () => api.get<EndpointStats>(`${path}/stats?span=24h`));
  if (!value) return null;
  const sum = (of: "succeeded" | "failed" | "retried") =>
    value.points.reduce((total, point) => total + point[of], 0);
  const told = words.lastDay.told(sum("succeeded"), sum("retried"), sum("failed"));
  if (told === "") return null;
  const hours = value.points.map(({ succeeded, failed, retried }) => ({
    good: succeeded,
    bad: failed + retried,
  }));
  return (
    <p class="line muted">
      <Hours hours={hours} label={words.lastDay.label} />
      {told}
    </p>
  );
}
