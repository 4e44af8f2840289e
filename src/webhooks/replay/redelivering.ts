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

/** What becomes of deliveries in a bulk run: the same job again, or, of an event that was delivered, a new one. */
export class Redelivering implements Contract {
  readonly #parts: RedeliveringParts;

  constructor(parts: RedeliveringParts) {
    this.#parts = parts;
  }

  async decide(jobs: readonly FoundJob[], page: BulkPage): Promise<readonly Decision[]> {
    const { registry } = this.#parts;
    const keys = jobs.filter(({ lane }) => isLaneOfEndpoint(lane)).map(({ lane }) => keyOfLane(lane));
    const endpoints = await registry.load(keys);
    return Promise.all(jobs.map((job) => this.#decideOn(job, endpoints, page)));
  }

  /** A new delivery of an event, if it still has its payload. */
  async remade(event: string, endpoint: KnownEndpoint, { run, now }: BulkPage): Promise<Decision> {
    const { store, breakers } = this.#parts;
    if (!(await store.events.isKept(event))) return { kind: "skip", reason: "payload_erased" };
    const { tenant, id } = endpoint.row;
    const job = endpointJob({ id: event, tenant, runAt: null }, endpoint, now, breakers.heldUpBy(id));
    return { kind: "make", job: ofRun(job, run.id) };
  }

  async #decideOn(
    { id, status, lane, event }: FoundJob,
    endpoints: ReadonlyMap<string, KnownEndpoint>,
    page: BulkPage,
  ): Promise<Decision> {
    if (status === "queued" || status === "running") return { kind: "skip", reason: status };
    const isDead = status === "failed" || status === "cancelled";
    if (!isLaneOfEndpoint(lane))
      return isDead ? { kind: "again", jobId: id } : { kind: "skip", reason: status };
    const endpoint = endpoints.get(keyOfLane(lane).id);
    if (!endpoint || endpoint.isDeleted) return { kind: "skip", reason: "endpoint_gone" };
    if (isDead) return { kind: "again", jobId: id };
    return event === null ? { kind: "skip", reason: status } : this.remade(event, endpoint, page);
  }
}

/** It gives way to what was not asked for again. */
function ofRun(job: NewJob, bulk: string): NewJob {
  return { ...job, priority: job.priority + 1, origin: { ...job.origin, bulk, trigger: "manual" } };
}
