import type { BulkPage, FoundPage, Pinned } from "../../engine/bulk/bulk-source.ts";
import { JobSource } from "../../engine/bulk/job-source.ts";
import type { Store } from "../../store/store.ts";
import { ContentSource } from "./content-source.ts";
import { Redelivering, type RedeliveringParts } from "./redelivering.ts";
import { ReplaySource } from "./replay-source.ts";

interface BulkSourceParts extends RedeliveringParts {
  readonly store: Pick<Store, "bulkJobs" | "events" | "fanouts">;
}

/** Where bulk runs of every kind find what they are about. */
export function bulkSources(parts: BulkSourceParts): (pinned: Pinned, page: BulkPage) => Promise<FoundPage> {
  const { store } = parts;
  const redelivering = new Redelivering(parts);
  const jobs = new JobSource(store.bulkJobs, redelivering);
  const events = new ReplaySource({ ...parts, redelivering });
  const contents = new ContentSource(store.events);
  return (pinned, page) => {
    if (pinned.kind === "jobs") return jobs.next(pinned, page);
    return pinned.kind === "events" ? events.next(pinned, page) : contents.next(pinned, page);
  };
}
