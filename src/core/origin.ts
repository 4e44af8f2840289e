import { readable } from "./readable.ts";

/** Where a job comes from, and what it can be found by besides its task and lane. Most jobs have none of this. */
export interface Origin {
  /** The id of the tenant whose job it is. */
  readonly tenant?: string;
  /** The id of the event that it delivers. */
  readonly event?: string;
  /** The id of the bulk run that made it, or queued it again. */
  readonly bulk?: string;
  /** What caused it, if not the arrival of its event or an enqueue: `manual`, for example. */
  readonly trigger?: string;
  /** When the schedule that made it was due. Milliseconds since the epoch. */
  readonly scheduledFor?: number;
  /** What it can be found by; of an event's delivery, the event's. */
  readonly tags?: readonly string[];
  /** Data that is never filtered by, such as `traceparent` and the name of its schedule, as JSON text. */
  readonly meta?: string;
}

/** One of what is there of these, if anything is. */
export function originWith({ tags, meta }: OriginParts): Origin | undefined {
  if (tags === undefined && meta === undefined) return undefined;
  return { ...(tags !== undefined && { tags }), ...(meta !== undefined && { meta }) };
}

type OriginParts = { readonly [Name in "tags" | "meta"]: Origin[Name] | undefined };

/** @param text JSON, its members those of an `Origin` that are not null. */
export function parseOrigin<As = Origin>(text: string | null): As | undefined {
  return text === null ? undefined : (JSON.parse(text) as As); // only the stores write it, from columns of these types
}

/** Data that is never filtered by, with the name of the schedule that makes the job. @param meta what else there is. */
export function metaOfSchedule(schedule: string, meta = "{}"): string {
  return JSON.stringify({ ...JSON.parse(meta), schedule });
}

/** The name of the schedule that made the job. */
export function scheduleOf(origin: Origin | undefined): string | null {
  const meta = origin?.meta;
  const kept =
    meta === undefined ? null : readable(meta, (text) => JSON.parse(text) as { schedule?: string }); // as above
  return kept?.schedule ?? null;
}
