import type { Job } from "../../core/job.ts";
import { readable } from "../../core/readable.ts";

/** The task that delivers one webhook. */
export const DELIVER_TASK = "webhook.deliver";

/** What a delivery stores besides its payload. Short, because it is written and read with every job. */
export interface DeliveryOptions {
  /** The kind of its destination, unless that is HTTP. */
  readonly kind?: string | undefined;
  /**
   * As the caller wrote it. Absent for a delivery to an endpoint: the lane names the endpoint, and its URL is looked up when the delivery
   * is sent.
   */
  readonly targetUrl?: string | undefined;
  /** As JSON, sealed for this job: they may hold credentials. */
  readonly headers?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly eventId?: string | undefined;
  /** Sealed for this job. */
  readonly secret?: string | undefined;
}

export function stringifyDeliveryOptions(options: DeliveryOptions): string {
  return JSON.stringify(options);
}

/** @param text as `stringifyDeliveryOptions` made it. */
export function parseDeliveryOptions(text: string): DeliveryOptions {
  return JSON.parse(text) as DeliveryOptions; // only stringifyDeliveryOptions writes the options of this task
}

/** Where a delivery goes; null for a job of another task, and for a damaged one. */
export function targetOf(job: Pick<Job, "task" | "options">): string | null {
  if (job.task !== DELIVER_TASK) return null;
  return readable(job.options, parseDeliveryOptions)?.targetUrl ?? null;
}
