import type { BulkPage, Decision } from "../../engine/bulk/bulk-source.ts";
import type { Redelivering as Contract } from "../../engine/bulk/job-source.ts";
import type { FoundJob } from "../../store/bulk.ts";
import type { NewJob } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import type { Breakers } from "../breaker/breakers.ts";
import { endpointJob } from "../events/endpoint-job.ts";
import { isLaneOfEndpoint, type KnownEndpoint, keyOfLane } from "../registry/known-endpoint.ts";
import type { Registry } from "../registry/registry.ts";

export interface RedeliveringParts {
  readonly store: Pick<Store, "events">;
  readonly registry: Registry;
  readonly breakers: Pick<Breakers, "heldUpBy">;
}

/** What is to become of a delivery: decided, or a new one of an event, if that still has its payload. */
export type Meant = Decision | NewDelivery;

interface NewDelivery {
  readonly kind: "deliver";
  readonly event: string;
  readonly endpoint: KnownEndpoint;
}

/** What happens to deliveries in a bulk run: the same job again, or, of an event that was delivered, a new one. */
export class Redelivering implements Contract {
  readonly #parts: RedeliveringParts;

  constructor(parts: RedeliveringParts) {
    this.#parts = parts;
  }

  async decide(jobs: readonly FoundJob[], page: BulkPage): Promise<readonly Decision[]> {
    const { registry } = this.#parts;
    const keys = jobs.filter(({ lane }) => isLaneOfEndpoint(lane)).map(({ lane }) => keyOfLane(lane));
    const endpoints = await registry.load(keys);
    return this.decided(
      jobs.map((job) => meantFor(job, endpoints)),
      page,
    );
  }

  /** In their order. */
  async decided(meant: readonly Meant[], page: BulkPage): Promise<readonly Decision[]> {
    const events = meant.flatMap((each) => (each.kind === "deliver" ? [each.event] : []));
    const kept = await this.#parts.store.events.kept(events);
    return meant.map((each) => {
      if (each.kind !== "deliver") return each;
      const event = kept.get(each.event);
      if (!event) return { kind: "skip", reason: "payload_erased" };
      return { kind: "make", job: this.#jobOf(each, event.tags, page) };
    });
  }

  /** Lower than normal, so that redelivery gives way to live traffic. */
  #jobOf({ event, endpoint }: NewDelivery, tags: string | null, { run, now }: BulkPage): NewJob {
    const { tenant, id } = endpoint.row;
    const heldUpBy = this.#parts.breakers.heldUpBy(id);
    const job = endpointJob({ id: event, tenant, runAt: null, tags }, endpoint, now, heldUpBy);
    const origin = { ...job.origin, bulk: run.id, trigger: "manual" } as const;
    return { ...job, priority: job.priority + 1, origin };
  }
}

function meantFor(
  { id, status, lane, event }: FoundJob,
  endpoints: ReadonlyMap<string, KnownEndpoint>,
): Meant {
  if (status === "queued" || status === "running") return { kind: "skip", reason: status };
  const isDead = status === "failed" || status === "cancelled";
  if (!isLaneOfEndpoint(lane))
    return isDead ? { kind: "again", jobId: id } : { kind: "skip", reason: status };
  const endpoint = endpoints.get(keyOfLane(lane).id);
  if (!endpoint || endpoint.isDeleted) return { kind: "skip", reason: "endpoint_gone" };
  if (isDead) return { kind: "again", jobId: id };
  return event === null ? { kind: "skip", reason: status } : { kind: "deliver", event, endpoint };
}
