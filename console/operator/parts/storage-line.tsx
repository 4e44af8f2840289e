import { size } from "../rules/sizes.ts";
import { useHealth } from "./health.ts";
import { pageAt, Time } from "./marks.tsx";

/** How large the database is, how fast it grows, and until when there is room; for those who may see the checks. */
export function StorageLine() {
  const { data } = useHealth();
  if (!data) return null;
  const { storage, free_disk_bytes, full_at, checked_at } = data;
  const bytes = storage.reduce((sum, part) => sum + part.bytes, 0);
  const grown = storage.reduce((sum, part) => sum + Math.max(0, part.bytes_a_day ?? 0), 0);
  return (
    <p class="faint counted">
      <a href={pageAt("health")}>Storage</a>: {size(bytes)}
      {grown > 0 && `, growing by ${size(grown)} a day`}
      {free_disk_bytes !== null && `; ${size(free_disk_bytes)} free on its disk`}
      {full_at !== null && (
        <>
          , which is room until <Time at={full_at} exact />
        </>
      )}
      . Looked at <Time at={checked_at} />.
    </p>
  );
}
