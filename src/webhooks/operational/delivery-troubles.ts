import type { Clock } from "../../core/clock.ts";
import type { Part } from "../../engine/part.ts";
import { Rhythm } from "../../engine/rhythm.ts";
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

const WRITE_MS = 1_000;
/** Of so many endpoints at once it is known that they are in trouble. */
const MOST_KNOWN = 10_000;

/**
 * Sees which deliveries to endpoints keep failing, are given up, or succeed after all, and has operators told, of each endpoint
 * together. What it sees is written at most once a second and endpoint, a moment after the result: a delivery pays for none of it.
 */
export class DeliveryTroubles implements Part {
  readonly #parts: DeliveryTroubleParts;
  readonly #rhythm: Rhythm;
  readonly #subscriptions: readonly Unsubscribe[];
  /** What has not been written yet, by its type and endpoint. */
  #sums = new Map<string, Sum>();
  #writing: Promise<void> | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(parts: DeliveryTroubleParts) {
    const { clock, instrument } = parts;
    this.#parts = parts;
    this.#rhythm = new Rhythm(clock, instrument, WRITE_MS, () => this.#write());
    this.#subscriptions = [
      instrument["job.failing"].subscribe(({ message, retryAt, ...job }) => {
        const delivery = this.#see("posthorn.delivery.failing", job, message, retryAt);
        if (delivery) instrument["delivery.failing"].publish({ ...delivery, error: message, retryAt });
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
    this.#rhythm.start();
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await this.#rhythm.stop();
    await this.#writing;
    await this.#write().catch(() => {}); // the database may be gone
  }

  /** Undefined for what is no delivery to an endpoint. */
  #see(
    type: DeliveryType,
    { jobId, task, lane, attempts }: OneJob,
    error: string | null = null,
    retryAt?: Date,
  ) {
    if (task !== DELIVER_TASK || !isLaneOfEndpoint(lane)) return undefined;
    const { tenant, id: endpoint } = keyOfLane(lane);
    const known = { job_id: jobId, attempts, error, next_attempt_at: retryAt?.toISOString() ?? null };
    this.#add({ type, tenant, endpoint, n: 1, known });
    const { clock } = this.#parts;
    if (!this.#writing && clock.now() - this.#writtenAt >= WRITE_MS) this.#writeSoon();
    return { jobId, tenantId: tenant, endpointId: endpoint, attempts };
  }

  #add(sum: Sum): void {
    const key = `${sum.type} ${sum.endpoint}`;
    const before = this.#sums.get(key);
    if (!before && this.#sums.size >= MOST_KNOWN) return; // so many say enough
    this.#sums.set(key, { ...sum, n: sum.n + (before?.n ?? 0) });
  }

  #writeSoon(): void {
    this.#writing = this.#write()
      .catch((error: unknown) => {
        this.#parts.instrument["step.failed"].publish({ step: "watch endpoints", error });
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #write(): Promise<void> {
    if (this.#sums.size === 0) return;
    this.#writtenAt = this.#parts.clock.now();
    const sums = this.#sums;
    this.#sums = new Map();
    try {
      await this.#parts.announcements.add([...sums.values()]);
    } catch (error) {
      const since = this.#sums;
      this.#sums = sums;
      for (const sum of since.values()) this.#add(sum);
      throw error;
    }
  }
}
