import { WAYS } from "../../core/actor.ts";
import { firstIdAt } from "../../core/id.ts";
import { json, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { type KeyPage, Keyset, type Slice } from "./tables/keyset.ts";
import type { Call, Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** The audit. Entries are written in the transaction of the change they record, and never change. */
export interface AuditShelf {
  /** Writes an entry, as part of the transaction that makes the change. */
  entry(entry: AuditEntry): Call<AuditEntry>;
  /** Writes the entry of what changes nothing here, such as the showing of a secret. */
  add(entry: AuditEntry): Promise<void>;
  list(page: AuditPage): Promise<Slice<AuditEntry>>;
  /** Deletes at most `limit` entries from before this time. Returns how many. */
  prune(before: number, limit: number): Promise<number>;
}

export const AUDIT = new Table("audit", ["id"], {
  id: name,
  at: time,
  /** Who did it: the name of an API key, or the name that a program uses for the person. */
  actor: text,
  /** The id of an API key. */
  actor_id: nullable(text),
  role: nullable(text),
  via: oneOf(...WAYS),
  ip: nullable(text),
  /** The kind of thing that was changed, and how: `endpoint.update`. */
  action: name,
  /** The id or name of what was changed. */
  target: text,
  /** The id of the tenant that it belongs to. */
  tenant: nullable(name),
  /** An object: for each field that changed, a list of the value before and the value after. No secrets. */
  change: json,
  /** The reason that the actor gave. */
  note: nullable(text),
  /** The request id that the client sent. */
  request_id: nullable(text),
});

export type AuditEntry = FieldsOf<typeof AUDIT>;

/** Of the entries that meet every given condition. */
export interface AuditPage extends KeyPage {
  readonly tenant?: string | undefined;
  readonly target?: string | undefined;
  /** Any of these. */
  readonly actions?: readonly string[] | undefined;
  /** A name or an id. */
  readonly actor?: string | undefined;
  /** At or after. */
  readonly since?: number | undefined;
  /** Before. */
  readonly until?: number | undefined;
}

const ADD = AUDIT.statement(AUDIT.insertion);

const SPAN = "id >= ? and id < ?";
// a coalesce is true of every entry where nothing is asked; in `,a,,b,` something is replaced if the action is a or b
const FITS =
  "coalesce(replace(?, ',' || action || ',', '') <> ?, true) and (actor = coalesce(?, actor) or actor_id = ?)";
const ALL = new Keyset(AUDIT, "id", SPAN, FITS);
const OF_TENANT = new Keyset(
  AUDIT,
  "id",
  `tenant = ? and ${SPAN}`,
  `target = coalesce(?, target) and ${FITS}`,
);
const OF_TARGET = new Keyset(AUDIT, "id", `target = ? and ${SPAN}`, FITS);

const FORGET = AUDIT.statement(`
  delete from posthorn.audit
  where id in (select id from posthorn.audit where id < ? order by id limit ?)
  returning id`);

export class Audit implements AuditShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  entry(entry: AuditEntry): Call<AuditEntry> {
    return ADD.with(...AUDIT.valuesOf(entry));
  }

  async add(entry: AuditEntry): Promise<void> {
    await this.#session.write(this.entry(entry));
  }

  list({ tenant, target, actions, actor, since = 0, until, ...page }: AuditPage): Promise<Slice<AuditEntry>> {
    const to = until === undefined ? AFTER_ALL : firstIdAt("adt", until);
    const span = [firstIdAt("adt", since), to];
    const wanted = actions ? listOf(actions) : null;
    const asked = [wanted, wanted, actor ?? null, actor ?? null];
    if (tenant !== undefined)
      return OF_TENANT.page(this.#session, page, [tenant, ...span], [target ?? null, ...asked]);
    return target === undefined
      ? ALL.page(this.#session, page, span, asked)
      : OF_TARGET.page(this.#session, page, [target, ...span], asked);
  }

  async prune(before: number, limit: number): Promise<number> {
    const [forgotten] = await this.#session.write(FORGET.with(firstIdAt("adt", before), limit));
    return forgotten.length;
  }
}

/** `,a,,b,`. No action has a comma in its name. */
function listOf(actions: readonly string[]): string {
  return actions
    .filter((action) => !action.includes(","))
    .map((action) => `,${action},`)
    .join("");
}

/** Sorts after every id of an entry. */
const AFTER_ALL = "adt_~";
