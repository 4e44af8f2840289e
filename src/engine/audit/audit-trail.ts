import type { Actor, By } from "../../core/actor.ts";
import { dateOf } from "../../core/instant.ts";
import { parseAsWritten } from "../../core/json/parse-as-written.ts";
import { instantOf, refuseOther, refuseUnknown, textOf, wrong } from "../../core/options.ts";
import type { AuditEntry, AuditShelf } from "../../store/shelves/audit.ts";
import { type ListOptions, pageOf, type SearchedPage, searched } from "../lists.ts";
import type { Audit, AuditChange } from "./audit.ts";

/** Which entries: those that meet every given condition. */
export interface AuditFilter extends Omit<ListOptions, "order"> {
  /** The id of a tenant: changes of the tenant and of what belongs to it. */
  readonly tenant?: string | undefined;
  /** The id or name of what was changed. */
  readonly target?: string | undefined;
  /** A name, or the id of an API key. */
  readonly actor?: string | undefined;
  /** `endpoint.update`, or a list of such: any of them. */
  readonly action?: string | readonly string[] | undefined;
  /** At or after this time: a Date, or RFC 3339. */
  readonly since?: Date | string | undefined;
  /** Before. */
  readonly until?: Date | string | undefined;
}

/** An entry of the audit: a change that somebody made. */
export interface AuditRecord {
  /** `adt_…` */
  readonly id: string;
  readonly at: Date;
  /** Who made it: the name of an API key, or the name that a program uses for the person. */
  readonly actor: string;
  /** The id of the API key. */
  readonly actorId: string | null;
  readonly role: string | null;
  readonly via: NonNullable<Actor["via"]>;
  readonly ip: string | null;
  /** The kind of thing that was changed, and how: `endpoint.update`. */
  readonly action: string;
  readonly target: string;
  readonly tenantId: string | null;
  /** By field: the value before and after, without secrets. */
  readonly change: AuditChange;
  /** The reason that the actor gave. */
  readonly note: string | null;
  /** The request id that the client sent. */
  readonly requestId: string | null;
}

/** What somebody was shown in full. */
export interface Revealed {
  readonly kind: "job" | "event";
  readonly id: string;
  /** The id of the tenant that it belongs to. */
  readonly tenantId?: string | null | undefined;
}

/** Jobs that are exported. */
export interface Exported {
  readonly filter: Readonly<Record<string, unknown>>;
  /** The id of the tenant that the export is limited to, if any. */
  readonly tenantId?: string | null;
}

/** A copy of the database that somebody takes away. */
export interface BackedUp {
  /** How large it is. */
  readonly bytes: number;
  /** How many it holds. */
  readonly jobs: number;
}

/** A page of the audit, newest first. */
export interface AuditListed extends SearchedPage<AuditRecord> {}

const TEXTS = ["tenant", "target", "actor"] as const;
const MEMBERS = [
  ...TEXTS,
  "action",
  "since",
  "until",
  "limit",
  "after",
  "before",
] satisfies (keyof AuditFilter)[];

/** The audit: what was changed, and by whom. */
export class AuditTrail {
  readonly #shelf: AuditShelf;
  readonly #audit: Audit;

  constructor(shelf: AuditShelf, audit: Audit) {
    this.#shelf = shelf;
    this.#audit = audit;
  }

  /**
   * Records that somebody is shown the payload of an event, or the input and result of a job, including its secrets (actions `job.reveal`
   * and `event.reveal`). For programs that hide payloads from their own staff until they give a reason; the server records this by itself.
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
    if (textOf(by.reason ?? "", ["reason"]).trim() === "")
      throw wrong(["reason"], "is required: why it is shown");
    await this.#audit.note(by, { action: `${kind}.reveal`, target, tenant: tenantOf(tenantId) });
  }

  /**
   * Records in the audit that a list of jobs is exported, as `job.export`. The server does so by itself.
   * @param exported.filter the filter of the list, by name and value.
   * @example
   * await posthorn.audit.exported({ filter: { status: ["failed"] } }, { actor: "ana" });
   */
  async exported(exported: Exported, by: By): Promise<void> {
    refuseOther(exported, ["exported"], "must be an object with filter");
    const { filter, tenantId } = exported;
    refuseOther(filter, ["filter"], "must be an object: the filter of the list");
    const change = Object.fromEntries(
      Object.entries(filter).map(([name, value]) => [name, [null, value] as const]),
    );
    await this.#audit.note(by, { action: "job.export", target: "jobs", tenant: tenantOf(tenantId), change });
  }

  /**
   * Records in the audit that somebody takes a copy of the whole database away, as `database.backup`. The server does so by itself.
   * @example
   * await posthorn.audit.backedUp({ bytes: size, jobs: count }, { actor: "ana", reason: "ticket 4711" });
   */
  async backedUp(backup: BackedUp, by: By): Promise<void> {
    refuseOther(backup, ["backup"], "must be an object with bytes and jobs");
    const change = { bytes: [null, backup.bytes], jobs: [null, backup.jobs] } as const;
    await this.#audit.note(by, { action: "database.backup", target: "database", change });
  }

  /**
   * Newest first. Entries are kept for 400 days, or `retainAudit`.
   * @throws InvalidInputError naming what is wrong.
   * @example
   * const { data } = await posthorn.audit.list({ target: endpointId });
   */
  async list(filter: AuditFilter = {}): Promise<AuditListed> {
    refuseUnknown(filter, MEMBERS);
    const { limit, after, before, since, until, action, ...asked } = filter;
    for (const name of TEXTS) if (asked[name] !== undefined) textOf(asked[name], [name]);
    const actions =
      action === undefined ? undefined : [action].flat().map((each) => textOf(each, ["action"]));
    const page = pageOf({ limit, after, before }, "adt", "descending");
    const slice = await this.#shelf.list({
      ...{ ...asked, ...page, actions },
      since: since === undefined ? undefined : instantOf(since, ["since"]),
      until: until === undefined ? undefined : instantOf(until, ["until"]),
    });
    return searched(slice, page, ({ id }) => id, recordOf);
  }
}

function tenantOf(id: string | null | undefined): string | null {
  return id === undefined || id === null ? null : textOf(id, ["tenantId"]);
}

function recordOf({ at, tenant, change, ...same }: AuditEntry): AuditRecord {
  return { ...same, at: dateOf(at), tenantId: tenant, change: parseAsWritten(change) as AuditChange }; // as `Audit` wrote it
}
