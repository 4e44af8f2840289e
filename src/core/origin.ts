import { isId } from "./id.ts";
import { textOf, wrong } from "./options.ts";
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
  /** Data that is never filtered by, such as `traceparent`, the name of its schedule and the job that it copies, as JSON text. */
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

/** The same, with the id of the job that it is a copy of. @throws InvalidInputError when it is not the id of a job. */
export function metaOfCopy(copyOf: string, meta = "{}"): string {
  if (!isId("job", textOf(copyOf, ["copyOf"]))) throw wrong(["copyOf"], "must be the id of a job, job_…");
  return JSON.stringify({ ...JSON.parse(meta), copy_of: copyOf });
}

/** What made the job, as far as that is kept in its `meta`. */
export interface Maker {
  /** The name of the schedule that created it; null if none did. */
  readonly schedule: string | null;
  /** The id of the job that it is a copy of; null if it is not one. */
  readonly copyOf: string | null;
}

export function makerOf(origin: Origin | undefined): Maker {
  const kept = origin?.meta === undefined ? null : readable(origin.meta, readMeta);
  return { schedule: kept?.schedule ?? null, copyOf: kept?.copy_of ?? null };
}

/** As the two above write it. */
function readMeta(text: string) {
  return JSON.parse(text) as { readonly schedule?: string; readonly copy_of?: string };
}
