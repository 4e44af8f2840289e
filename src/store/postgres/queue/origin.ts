import { type Origin, parseOrigin } from "../../../core/origin.ts";
import { readable } from "../../../core/readable.ts";
import type { NewJob } from "../../queue.ts";
import { columnOf } from "../driver/statement.ts";
import { eventIdOf, uuidOf } from "../job-id.ts";

/** The columns of a job's origin, with their types. */
export const ORIGIN_COLUMNS = {
  tenant: "text",
  event: "uuid",
  bulk: "text",
  trigger: "text",
  scheduled_for: "bigint",
  tags: "text",
  meta: "text",
} as const;

/** The origin of a job `j`, as JSON text. Null for most, which costs a look at a few nulls. */
export const ORIGIN = `
    case when num_nonnulls(j.tenant, j.event, j.bulk, j.trigger, j.scheduled_for, j.tags, j.meta) > 0 then
      json_strip_nulls(json_build_object(
        'tenant', j.tenant, 'event', j.event, 'bulk', j.bulk, 'trigger', j.trigger,
        'scheduledFor', j.scheduled_for, 'tags', j.tags, 'meta', j.meta
      ))::text
    end as origin`;

/**
 * Its tags are read here, for what the server could not read would take all that it was asked for with it.
 * @param text as `ORIGIN` gives it.
 */
export function originOf(text: string | null): Origin | undefined {
  const stored = parseOrigin<StoredOrigin>(text);
  if (stored === undefined) return undefined;
  const { event, tags: tagsText, ...rest } = stored;
  const tags = tagsText === undefined ? null : readable(tagsText, parseTags);
  return { ...rest, ...(event !== undefined && { event: eventIdOf(event) }), ...(tags && { tags }) };
}

type StoredOrigin = Omit<Origin, "tags"> & { readonly tags?: string };

function parseTags(text: string): readonly string[] {
  return JSON.parse(text) as string[]; // only the lists below write them
}

/** The lists for an `unnest`, in the order of the columns. */
export function originLists(jobs: readonly NewJob[]): string[] {
  return [
    columnOf(jobs, ({ origin }) => origin?.tenant ?? null),
    columnOf(jobs, ({ origin }) => (origin?.event === undefined ? null : uuidOf(origin.event))),
    columnOf(jobs, ({ origin }) => origin?.bulk ?? null),
    columnOf(jobs, ({ origin }) => origin?.trigger ?? null),
    columnOf(jobs, ({ origin }) => origin?.scheduledFor ?? null),
    columnOf(jobs, ({ origin }) => (origin?.tags ? JSON.stringify(origin.tags) : null)),
    columnOf(jobs, ({ origin }) => origin?.meta ?? null),
  ];
}
