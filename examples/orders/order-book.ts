import { type Job, JobNotFoundError, type Posthorn } from "posthorn";
import { z } from "zod";

const newOrder = z.object({ item: z.string().min(1), cents: z.int().positive(), email: z.email() });

export type Order = z.infer<typeof newOrder> & { readonly id: string };

interface Entry {
  readonly order: Order;
  readonly audit: string[];
  /** By what they are for: ids of jobs. */
  readonly jobs: Map<string, string>;
}

/** The orders, in memory: the examples are about what happens around them. */
export class OrderBook {
  readonly #entries = new Map<string, Entry>();

  /** @throws z.ZodError when it is not an order. */
  place(body: unknown): Order {
    const order = { id: String(this.#entries.size + 1), ...newOrder.parse(body) };
    this.#entries.set(order.id, { order, audit: [], jobs: new Map() });
    return order;
  }

  noteJobs(orderId: string, jobs: Readonly<Record<string, { readonly jobId: string }>>): void {
    for (const [what, { jobId }] of Object.entries(jobs)) this.#entries.get(orderId)?.jobs.set(what, jobId);
  }

  audit(orderId: string, what: string): void {
    this.#entries.get(orderId)?.audit.push(what);
  }

  /** The order with the state of its jobs; undefined when there is none. */
  async show(orderId: string, posthorn: Pick<Posthorn, "jobs">) {
    const entry = this.#entries.get(orderId);
    if (!entry) return undefined;
    const jobs = await Promise.all(
      [...entry.jobs].map(async ([what, jobId]) => [what, await standOf(jobId, posthorn)] as const),
    );
    return { ...entry.order, audit: entry.audit, jobs: Object.fromEntries(jobs) };
  }
}

/** A finished job is kept for 30 days by default; the order outlives it. */
async function standOf(jobId: string, { jobs }: Pick<Posthorn, "jobs">) {
  try {
    const { status, attempts, error }: Job = await jobs.get(jobId);
    return { jobId, status, attempts, error };
  } catch (error) {
    if (error instanceof JobNotFoundError) return { jobId, status: "forgotten" };
    throw error;
  }
}
