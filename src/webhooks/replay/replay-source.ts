import { SKEW_MS } from "../../core/clock.ts";
import { firstIdAt } from "../../core/id.ts";
import type {
  BulkPage,
  BulkSource,
  Decision,
  FoundPage,
  PinnedEvents,
} from "../../engine/bulk/bulk-source.ts";
import type { FoundJob } from "../../store/bulk.ts";
import type { ListedEvent } from "../../store/shelves/events.ts";
import type { Store } from "../../store/store.ts";
import { JOBS_AT_ONCE } from "../events/jobs-at-once.ts";
import { EventToMatch } from "../events/matching/event-to-match.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";
import type { Registry } from "../registry/registry.ts";
import type { Redelivering } from "./redelivering.ts";

export interface ReplayParts {
  readonly store: Pick<Store, "events" | "fanouts" | "bulkJobs">;
  readonly registry: Registry;
  readonly redelivering: Pick<Redelivering, "remade">;
}

/**
 * A tenant's events, oldest first, and what an endpoint that wants them now gets of them: those that no job has delivered to it, and
 * where all are asked for, the others as well.
 */
export class ReplaySource implements BulkSource<PinnedEvents> {
  readonly #parts: ReplayParts;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  async next(pinned: PinnedEvents, page: BulkPage): Promise<FoundPage> {
    const { store, registry } = this.#parts;
    const { tenant, endpoint: id, lane, createdFrom, createdBefore } = pinned;
    const { events: listed, hasMore } = await store.events.list(tenant, {
      limit: page.limit,
      before: page.after ?? firstIdAt("msg", createdFrom),
      since: createdFrom,
      until: createdBefore,
    });
    const oldestFirst = [...listed].reverse();
    const events = oldestFirst.filter((event) => isMeant(event, pinned));
    const endpoint = (await registry.load([{ tenant, id }])).get(id);
    const delivered = await this.#deliveredTo(lane, events);
    const meant = events.filter(({ id }) => isMeantByItsJob(delivered.get(id), pinned));
    const found = await Promise.all(
      meant.map(async (event) => ({
        ...{ id: event.id, lane, class: null, createdAt: event.createdAt },
        decision: await this.#decideOn(event, endpoint, delivered.get(event.id), pinned, page),
      })),
    );
    return { found, last: hasMore ? (oldestFirst.at(-1)?.id ?? null) : null };
  }

  /** The newest job of each event. */
  async #deliveredTo(lane: string, events: readonly ListedEvent[]): Promise<ReadonlyMap<string, FoundJob>> {
    const [first] = events;
    if (!first) return new Map();
    const ids = events.map(({ id }) => id);
    // another machine may have made it, whose clock is behind
    const jobs = await this.#parts.store.bulkJobs.delivering(lane, ids, first.createdAt - SKEW_MS);
    return new Map(jobs.flatMap((job) => (job.event === null ? [] : [[job.event, job] as const])));
  }

  async #decideOn(
    event: ListedEvent,
    endpoint: KnownEndpoint | undefined,
    job: FoundJob | undefined,
    { what }: PinnedEvents,
    page: BulkPage,
  ): Promise<Decision> {
    if (!endpoint || endpoint.isDeleted) return { kind: "skip", reason: "endpoint_gone" };
    if (job && what === "missing") return { kind: "skip", reason: "has_delivery" };
    if (job?.status === "queued" || job?.status === "running") return { kind: "skip", reason: job.status };
    const unwanted = await this.#unwantedBy(endpoint, event);
    if (unwanted !== undefined) return { kind: "skip", reason: unwanted };
    if (job?.status === "failed" || job?.status === "cancelled") return { kind: "again", jobId: job.id };
    if (!job && event.jobs > JOBS_AT_ONCE && (await this.#parts.store.fanouts.get(event.id)))
      return { kind: "skip", reason: "being_sent" };
    return this.#parts.redelivering.remade(event.id, endpoint, page);
  }

  /** Why the endpoint does not want it now; undefined when it does. The payload is fetched only where its filter asks for it. */
  async #unwantedBy(endpoint: KnownEndpoint, event: ListedEvent): Promise<string | undefined> {
    const { registry, store } = this.#parts;
    const type = await registry.eventType(event.type);
    if (type?.isArchived) return "archived";
    const channels = event.channels === null ? null : textsIn(event.channels);
    const matched = (payload: Uint8Array) =>
      endpoint.verdictOn(new EventToMatch({ type: event.type, channels, payload }));
    const first = matched(NOTHING);
    if (endpoint.row.filter === null || first === "type" || first === "channel")
      return first === "wanted" ? undefined : first;
    const payload = (await store.events.get(event.id))?.payload ?? null;
    if (payload === null) return "payload_erased";
    const verdict = matched(payload);
    return verdict === "wanted" ? undefined : verdict;
  }
}

function isMeant(event: ListedEvent, { types, channel, tag }: PinnedEvents): boolean {
  return (
    (types?.includes(event.type) ?? true) &&
    (channel === undefined || textsIn(event.channels).includes(channel)) &&
    (tag === undefined || textsIn(event.tags).includes(tag))
  );
}

/** @param job the newest that delivers it. */
function isMeantByItsJob(job: FoundJob | undefined, { statuses, classes }: PinnedEvents): boolean {
  if (statuses && !(job && statuses.includes(job.status))) return false;
  return !classes || (job !== undefined && job.class !== null && classes.includes(job.class));
}

function textsIn(list: string | null): readonly string[] {
  return list === null ? [] : (JSON.parse(list) as string[]); // only checked ones are kept
}

const NOTHING = new Uint8Array();
