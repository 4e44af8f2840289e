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
import type { Verdict } from "../events/matching/endpoint-matcher.ts";
import { EventToMatch } from "../events/matching/event-to-match.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";
import type { Registry } from "../registry/registry.ts";
import type { Meant, Redelivering } from "./redelivering.ts";

export interface ReplayParts {
  readonly store: Pick<Store, "events" | "fanouts" | "bulkJobs">;
  readonly registry: Registry;
  readonly redelivering: Pick<Redelivering, "decided">;
}

/** A page of these takes little memory. */
const SMALL_BYTES = 16 * 1024;

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
    // before the jobs: one that was made meanwhile is seen
    const sending = await store.fanouts.among(events.filter(({ jobs }) => jobs > JOBS_AT_ONCE).map(idOf));
    const delivered = await this.#deliveredTo(lane, events);
    const meant = events.filter(({ id }) => isMeantByItsJob(delivered.get(id), pinned));
    const standing = (event: ListedEvent) => standingOf(event, delivered, sending, pinned.what);
    const decisions = await this.#decide(meant, endpoint, standing, page);
    const found = meant.flatMap(({ id, createdAt }, at) => {
      const decision = decisions[at];
      return decision ? [{ id, lane, class: null, createdAt, decision }] : [];
    });
    return { found, last: hasMore ? (oldestFirst.at(-1)?.id ?? null) : null };
  }

  /** The newest job of each event. */
  async #deliveredTo(lane: string, events: readonly ListedEvent[]): Promise<ReadonlyMap<string, FoundJob>> {
    const [first] = events;
    if (!first) return new Map();
    const ids = events.map(idOf);
    // another machine may have made it, whose clock is behind
    const jobs = await this.#parts.store.bulkJobs.delivering(lane, ids, first.createdAt - SKEW_MS);
    return new Map(jobs.flatMap((job) => (job.event === null ? [] : [[job.event, job] as const])));
  }

  /** In the order of the events. All that is asked of the database is asked for all of them at once. */
  async #decide(
    events: readonly ListedEvent[],
    endpoint: KnownEndpoint | undefined,
    standing: (event: ListedEvent) => Standing,
    page: BulkPage,
  ): Promise<readonly Decision[]> {
    if (!endpoint || endpoint.isDeleted)
      return events.map(() => ({ kind: "skip", reason: "endpoint_gone" }) as const);
    const open = events.filter((event) => standing(event).kind !== "skip");
    const unwanted = await this.#unwantedBy(endpoint, open);
    const meant = events.map((event): Meant => {
      const stands = standing(event);
      const reason = stands.kind === "skip" ? undefined : unwanted.get(event.id);
      if (reason !== undefined) return { kind: "skip", reason };
      return stands.kind === "new" ? { kind: "deliver", event: event.id, endpoint } : stands;
    });
    return this.#parts.redelivering.decided(meant, page);
  }

  /** By the ids of those that the endpoint does not want now: why. Payloads are fetched only where its filter asks for them. */
  async #unwantedBy(
    endpoint: KnownEndpoint,
    events: readonly ListedEvent[],
  ): Promise<ReadonlyMap<string, string>> {
    const { registry } = this.#parts;
    const unwanted = new Map<string, string>();
    const filtered: ListedEvent[] = [];
    for (const event of events) {
      const verdict = (await registry.eventType(event.type))?.isArchived
        ? "archived"
        : verdictOn(endpoint, event, NOTHING);
      const isByPayload = verdict !== "archived" && verdict !== "type" && verdict !== "channel";
      if (isByPayload && endpoint.row.filter !== null) filtered.push(event);
      else if (verdict !== "wanted") unwanted.set(event.id, verdict);
    }
    for await (const [event, payload] of this.#payloadsOf(filtered)) {
      const verdict = payload === null ? "payload_erased" : verdictOn(endpoint, event, payload);
      if (verdict !== "wanted") unwanted.set(event.id, verdict);
    }
    return unwanted;
  }

  /** Small ones at once; large ones by themselves, so that there is never more than one of them in memory. */
  async *#payloadsOf(
    events: readonly ListedEvent[],
  ): AsyncGenerator<readonly [ListedEvent, Uint8Array | null]> {
    const shelf = this.#parts.store.events;
    const ids = events.map(idOf);
    const small = new Map((await shelf.getSmall(ids, SMALL_BYTES)).map((event) => [event.id, event]));
    for (const event of events)
      yield [event, (small.get(event.id) ?? (await shelf.get(event.id)))?.payload ?? null];
  }
}

/** What its jobs make of an event, if the endpoint wants it. */
type Standing = Exclude<Decision, { kind: "make" }> | { readonly kind: "new" };

function standingOf(
  { id }: ListedEvent,
  delivered: ReadonlyMap<string, FoundJob>,
  sending: ReadonlySet<string>,
  what: PinnedEvents["what"],
): Standing {
  const job = delivered.get(id);
  if (!job) return sending.has(id) ? { kind: "skip", reason: "being_sent" } : { kind: "new" };
  if (what === "missing") return { kind: "skip", reason: "has_delivery" };
  if (job.status === "queued" || job.status === "running") return { kind: "skip", reason: job.status };
  return job.status === "succeeded" ? { kind: "new" } : { kind: "again", jobId: job.id };
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}

function verdictOn(endpoint: KnownEndpoint, { type, channels }: ListedEvent, payload: Uint8Array): Verdict {
  const listed = channels === null ? null : textsIn(channels);
  return endpoint.verdictOn(new EventToMatch({ type, channels: listed, payload }));
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
