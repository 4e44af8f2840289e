import type { Actor, By } from "../../core/actor.ts";
import { isId } from "../../core/id.ts";
import { dateOf } from "../../core/instant.ts";
import { instantOf, refuseOther, refuseUnknown, textOf, wholeNumberOf, wrong } from "../../core/options.ts";
import { parseAsWritten } from "../../core/parse-as-written.ts";
import type { AuditEntry, AuditShelf } from "../../store/shelves/audit.ts";
import type { Audit, AuditChange } from "./audit.ts";

/** Which entries: those that meet every given condition. */
export interface AuditFilter {
  /** The id of a tenant: what was done to it and what belongs to it. */
  readonly tenant?: string | undefined;
  /** The id, or the name, of what it was done to. */
  readonly target?: string | undefined;
  /** A name, or the id of an API key. */
  readonly actor?: string | undefined;
  /** `endpoint.update` */
  readonly action?: string | undefined;
  /** At or after: a Date, or RFC 3339. */
  readonly since?: Date | string | undefined;
  /** Before. */
  readonly until?: Date | string | undefined;
  /** How many at most. Default 50, from 1 to 250. */
  readonly limit?: number | undefined;
  /** `nextCursor` of another page: what follows it. At most one of the two. */
  readonly after?: string | undefined;
  /** `prevCursor` of another page: what precedes it. */
  readonly before?: string | undefined;
}

/** Something that somebody did. */
export interface AuditRecord {
  /** `adt_…` */
  readonly id: string;
  readonly at: Date;
  /** Who: the name of an API key, or what a program calls the person. */
  readonly actor: string;
  /** The id of the API key. */
  readonly actorId: string | null;
  readonly role: string | null;
  readonly via: NonNullable<Actor["via"]>;
  readonly ip: string | null;
  /** `endpoint.update`: what kind of thing it was done to, and what was done. */
  readonly action: string;
  readonly target: string;
  readonly tenantId: string | null;
  /** By field: what it was and what it became, without secrets. */
  readonly change: AuditChange;
  /** Why, as the actor says. */
  readonly note: string | null;
  /** What the request was called by its sender. */
  readonly requestId: string | null;
}

/** What somebody was shown all of. */
export interface Revealed {
  readonly kind: "job" | "event";
  readonly id: string;
  /** The id of the tenant whose it is. */
  readonly tenantId?: string | null | undefined;
}

/** A page of the audit, newest first. */
export interface AuditListed {
  readonly data: readonly AuditRecord[];
  /** Where what follows begins; null when nothing does. */
  readonly nextCursor: string | null;
  /** Where what precedes ends; null when nothing does. */
  readonly prevCursor: string | null;
}

const MEMBERS = [
  ...(["tenant", "target", "actor", "action", "since", "until"] as const),
  ...(["limit", "after", "before"] as const),
] satisfies (keyof AuditFilter)[];
const TEXTS = ["tenant", "target", "actor", "action"] as const;
const MOST = 250;

/** The audit: what was changed, and by whom. */
export class AuditTrail {
  readonly #shelf: AuditShelf;
  readonly #audit: Audit;

  constructor(shelf: AuditShelf, audit: Audit) {
    this.#shelf = shelf;
    this.#audit = audit;
  }

  /**
   * Writes down that somebody is shown the payload of an event, or what a job was made with or came to, with all that is secret in it: as
   * `job.reveal`, `event.reveal`. For programs that hide it from their own people until they say why; the server does so by itself.
   * @throws InvalidInputError without a reason.
   * @example
   * await posthorn.audit.revealed({ kind: "event", id: eventId }, { actor: "ana", reason: "ticket 4711" });
   */
  async revealed(revealed: Revealed, by: By): Promise<void> {
    refuseOther(revealed, ["revealed"], "must be an object with kind and id");
    refuseOther(by, ["by"], "must be an object with actor and reason");
    const { kind, id, tenantId } = revealed;
    if (kind !== "job" && kind !== "event") throw wrong(["kind"], "must be job or event");
    const target = textOf(id, ["id"]);
    const tenant = tenantId === undefined || tenantId === null ? null : textOf(tenantId, ["tenantId"]);
    if (textOf(by.reason ?? "", ["reason"]).trim() === "")
      throw wrong(["reason"], "is required: why it is shown");
    await this.#audit.note(by, { action: `${kind}.reveal`, target, tenant });
  }

  /**
   * Newest first. Entries are kept for 400 days, or `retainAudit`.
   * @throws InvalidInputError naming what is wrong.
   * @example
   * const { data } = await posthorn.audit.list({ target: endpointId });
   */
  async list(filter: AuditFilter = {}): Promise<AuditListed> {
    refuseUnknown(filter, MEMBERS);
    const { limit = 50, after, before, since, until, ...asked } = filter;
    for (const name of TEXTS) if (asked[name] !== undefined) textOf(asked[name], [name]);
    if (after !== undefined && before !== undefined)
      throw wrong(["before"], "cannot be given with after; give one of the two");
    const { rows, hasMore } = await this.#shelf.list({
      ...asked,
      order: "descending",
      limit: wholeNumberOf(limit, 1, MOST, ["limit"]),
      after: after === undefined ? undefined : cursorOf(after, "after"),
      before: before === undefined ? undefined : cursorOf(before, "before"),
      since: since === undefined ? undefined : instantOf(since, ["since"]),
      until: until === undefined ? undefined : instantOf(until, ["until"]),
    });
    const [first, last] = [rows[0], rows.at(-1)];
    const followed = before !== undefined || hasMore;
    const preceded = before === undefined ? after !== undefined : hasMore;
    return {
      data: rows.map(recordOf),
      nextCursor: followed && last ? last.id : null,
      prevCursor: preceded && first ? first.id : null,
    };
  }
}

function cursorOf(value: string, name: string): string {
  if (isId("adt", textOf(value, [name]))) return value;
  throw wrong([name], "is not a cursor of this list");
}

function recordOf({ at, tenant, change, ...same }: AuditEntry): AuditRecord {
  return { ...same, at: dateOf(at), tenantId: tenant, change: parseAsWritten(change) as AuditChange }; // as `Audit` wrote it
}
