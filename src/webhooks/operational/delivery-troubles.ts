import type { Clock } from "../../core/clock.ts";
import { Gathered } from "../../engine/gathered.ts";
import type { Part } from "../../engine/part.ts";
import type { Unsubscribe } from "../../observe/channel.ts";
import type { Instrument } from "../../observe/instrument.ts";
import { DELIVER_TASK } from "../accept/delivery-options.ts";
import { isLaneOfEndpoint, keyOfLane } from "../registry/known-endpoint.ts";
import type { Announcements, Sum } from "./announcements.ts";
import type { DeliveryType } from "./operational-event.ts";

export interface DeliveryTroubleParts {
  readonly announcements: Pick<Announcements, "add">;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

interface OneJob {
  readonly jobId: string;
  readonly task: string;
  readonly lane: string;
  readonly attempts: number;
}

/**
 * Notices deliveries to endpoints that keep failing, fail permanently, or succeed after all, and announces them to operators, together for
 * each endpoint. Successful deliveries pay nothing for it.
 */
export class DeliveryTroubles implements Part {
  readonly #sums: Gathered<Sum>;
  readonly #subscriptions: readonly Unsubscribe[];

  constructor({ announcements, clock, instrument }: DeliveryTroubleParts) {
    this.#sums = new Gathered({
      ...{ clock, instrument, step: "watch endpoints" },
      join: (before, next) => ({ ...next, n: before.n + next.n }),
      write: (sums) => announcements.add([...sums.values()]),
    });
    this.#subscriptions = [
      instrument["job.failing"].subscribe(({ message: error, retryAt, ...job }) => {
        const delivery = this.#see("posthorn.delivery.failing", job, error, retryAt);
        if (delivery) instrument["delivery.failing"].publish({ ...delivery, error, retryAt });
      }),
      instrument["job.failed"].subscribe((failed) => {
        const delivery = this.#see("posthorn.delivery.exhausted", failed, failed.message);
        if (delivery) instrument["delivery.exhausted"].publish({ ...delivery, error: failed.message });
      }),
      instrument["job.recovered"].subscribe((job) => {
        const delivery = this.#see("posthorn.delivery.recovered", job);
        if (delivery) instrument["delivery.recovered"].publish(delivery);
      }),
    ];
  }

  start(): void {
    this.#sums.start();
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await this.#sums.stop();
  }

  /** Undefined if it is not a delivery to an endpoint. */
  #see(type: DeliveryType, job: OneJob, error: string | null = null, retryAt?: Date) {
    const { jobId, task, lane, attempts } = job;
    if (task !== DELIVER_TASK || !isLaneOfEndpoint(lane)) return undefined;
    const { tenant, id: endpoint } = keyOfLane(lane);
    const known = { job_id: jobId, attempts, error, next_attempt_at: retryAt?.toISOString() ?? null };
    this.#sums.add(`${type} ${endpoint}`, { type, tenant, endpoint, n: 1, known });
    return { jobId, tenantId: tenant, endpointId: endpoint, attempts };
  }
}
