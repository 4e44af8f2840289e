import { json, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { audited, type Call, type Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Portal sessions: who may manage a tenant's endpoints, and until when. Kept for a few days only, and not exported. */
export interface PortalSessionShelf {
  /** Forgets, bit by bit, what has ended before `now`. */
  add(passes: readonly PortalPass[], now: number, audit?: Call<unknown>): Promise<void>;
  find(id: string): Promise<PortalPass | undefined>;
  /** Makes the code a token with another secret, once: undefined when it is not a code any more, or its time is over. */
  exchange(id: string, codeHash: string, tokenHash: string, now: number): Promise<PortalPass | undefined>;
  /** Ends one session of a tenant, or all of them; how many passes there were. */
  end(tenant: string, session?: string, audit?: Call<unknown>): Promise<number>;
}

/** A credential of a portal session: a code that can be exchanged once, or a token. A session can have several. */
const PORTAL_PASSES = new Table("portal_passes", ["id"], {
  id: name,
  tenant: name,
  session: name,
  kind: oneOf("code", "token"),
  /** SHA-256 of the secret part, hex. */
  hash: text,
  /** A list of strings. */
  capabilities: json,
  /** A list of strings; null where all event types are shown. */
  feature_flags: nullable(json),
  /** A list of names; null for all. */
  event_types: nullable(json),
  refresh_url: nullable(text),
  origin: nullable(text),
  usable_until: time,
  /** When the session ends. */
  expires_at: time,
  created_at: time,
});

export type PortalPass = FieldsOf<typeof PORTAL_PASSES>;

const ADD = PORTAL_PASSES.statement(PORTAL_PASSES.insertion);

const FIND = PORTAL_PASSES.statement(`
  select ${PORTAL_PASSES.fields}
  from posthorn.portal_passes
  where id = ?`);

const EXCHANGE = PORTAL_PASSES.statement(`
  update posthorn.portal_passes
  set kind = 'token', hash = ?, usable_until = expires_at
  where id = ? and kind = 'code' and hash = ? and usable_until > ?
  returning ${PORTAL_PASSES.fields}`);

const END = PORTAL_PASSES.statement(`
  delete from posthorn.portal_passes
  where tenant = ? and session = ?
  returning ${PORTAL_PASSES.fields}`);

const END_ALL = PORTAL_PASSES.statement(`
  delete from posthorn.portal_passes
  where tenant = ?
  returning ${PORTAL_PASSES.fields}`);

const FORGET = PORTAL_PASSES.statement(`
  delete from posthorn.portal_passes
  where id in (select id from posthorn.portal_passes where usable_until < ? order by usable_until limit 50)`);

export class PortalSessions implements PortalSessionShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(passes: readonly PortalPass[], now: number, audit?: Call<unknown>): Promise<void> {
    const added = passes.map((pass) => ADD.with(...PORTAL_PASSES.valuesOf(pass)));
    await this.#session.write(FORGET.with(now), ...added, ...(audit ? [audit] : []));
  }

  async find(id: string): Promise<PortalPass | undefined> {
    return (await this.#session.read(FIND.with(id)))[0];
  }

  async exchange(
    id: string,
    codeHash: string,
    tokenHash: string,
    now: number,
  ): Promise<PortalPass | undefined> {
    const [[pass]] = await this.#session.write(EXCHANGE.with(tokenHash, id, codeHash, now));
    return pass;
  }

  async end(tenant: string, session?: string, audit?: Call<unknown>): Promise<number> {
    const call = session === undefined ? END_ALL.with(tenant) : END.with(tenant, session);
    const [ended] = await this.#session.write(audited(call, audit));
    return ended.length;
  }
}
