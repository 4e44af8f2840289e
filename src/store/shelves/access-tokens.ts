import { count, name, nullable, text, time } from "./tables/column.ts";
import type { Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/**
 * The access tokens of endpoints, shared by every process: one of them asks for the next token, the others use it. Only of the last
 * hours: they are in no export.
 */
export interface AccessTokenShelf {
  get(endpoint: string): Promise<AccessToken | undefined>;
  /**
   * Keeps a new state, if the last one still has the version that this one is given with, which then goes up by one; 0 where there is none
   * yet. Undefined if another process was first.
   */
  save(token: AccessToken): Promise<AccessToken | undefined>;
}

const ACCESS_TOKENS = new Table("access_tokens", ["endpoint"], {
  endpoint: name,
  tenant: name,
  /** Names the credentials that it was asked for with: with others it is of no use. */
  credentials: name,
  /** One more with each change. */
  version: count,
  /** Sealed; null before the first. */
  token: nullable(text),
  obtained_at: nullable(time),
  expires_at: nullable(time),
  /** Until then, one process asks for the next. */
  claimed_until: nullable(time),
  /** When a receiver last refused one. */
  refused_at: nullable(time),
  /** Why there was none when it was last asked for, and when to ask again. */
  error: nullable(text),
  error_class: nullable(text),
  retry_at: nullable(time),
});

export type AccessToken = FieldsOf<typeof ACCESS_TOKENS>;

const GET = ACCESS_TOKENS.statement(`
  select ${ACCESS_TOKENS.fields}
  from posthorn.access_tokens
  where endpoint = ?`);

const INSERT = ACCESS_TOKENS.statement(`
  ${ACCESS_TOKENS.insertion}
  on conflict (endpoint) do nothing
  returning ${ACCESS_TOKENS.fields}`);

const CHANGEABLE = [
  "credentials",
  "token",
  "obtained_at",
  "expires_at",
  "claimed_until",
  "refused_at",
  "error",
  "error_class",
  "retry_at",
] as const;

const CHANGE = ACCESS_TOKENS.statement(`
  update posthorn.access_tokens
  set ${CHANGEABLE.map((column) => `${column} = ?`).join(", ")}, version = version + 1
  where endpoint = ? and tenant = ? and version = ?
  returning ${ACCESS_TOKENS.fields}`);

export class AccessTokens implements AccessTokenShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(endpoint: string): Promise<AccessToken | undefined> {
    const [token] = await this.#session.read(GET.with(endpoint));
    return token;
  }

  async save(token: AccessToken): Promise<AccessToken | undefined> {
    const { endpoint, tenant, version } = token;
    const [[saved]] = await this.#session.write(
      version === 0
        ? INSERT.with(...ACCESS_TOKENS.valuesOf({ ...token, version: 1 }))
        : CHANGE.with(...ACCESS_TOKENS.valuesOf(token, CHANGEABLE), endpoint, tenant, version),
    );
    return saved;
  }
}
