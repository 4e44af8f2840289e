import { type Call, type Session, Statement } from "./tables/session.ts";

/** Lets every process know which tenants, endpoints, event types and keys have changed. */
export interface RegistryShelf {
  /** Moves with each change, of whatever scope. */
  version(): Promise<number>;
  /** The scopes that changed after that version, in that order, each with its last change. */
  changedSince(version: number, limit: number): Promise<ScopeVersion[]>;
  /**
   * The version of the last change in a scope; 0 if there was none. Read it before the data, so that cached data is never older than its
   * version.
   */
  versionOf(scope: string): Promise<number>;
  /** Of all event types together. */
  readonly typesScope: string;
  /** See `guardOf`. */
  guardOf(scope: string, version: number): Call<unknown>;
}

export interface ScopeVersion {
  /** A tenant's id, `TYPES_SCOPE` or `KEYS_SCOPE`. */
  readonly scope: string;
  readonly version: number;
}

/** Of all event types together, and of all API keys. */
export const TYPES_SCOPE = "*types";
export const KEYS_SCOPE = "*keys";

const NOTHING = { gives: new Map() };

const VERSION = new Statement<{ readonly version: number }>(
  `
  select version
  from posthorn.registry
  where id = 1`,
  NOTHING,
);

const VERSION_OF = new Statement<{ readonly version: number }>(
  `
  select version
  from posthorn.registry_scopes
  where scope = ?`,
  NOTHING,
);

const CHANGED_SINCE = new Statement<ScopeVersion>(
  `
  select scope, version
  from posthorn.registry_scopes
  where version > ?
  order by version
  limit ?`,
  NOTHING,
);

const MOVE = new Statement<never>(
  `
  update posthorn.registry
  set version = version + 1
  where id = 1`,
  NOTHING,
);

const MOVE_SCOPE = new Statement<never>(
  `
  insert into posthorn.registry_scopes (scope, version)
  select ?, version
  from posthorn.registry
  where id = 1
  on conflict (scope) do update set version = excluded.version`,
  NOTHING,
);

const GUARD = new Statement<{ readonly held: number }>(
  `
  select 1 as held
  where coalesce((select version from posthorn.registry_scopes where scope = ?), 0) = ?`,
  NOTHING,
);

/**
 * What moves the registry's version and that of a scope. A change begins with it: other changes wait until this transaction has
 * ended, and so see all that they decide by. Moving it for a change that is then refused has no effect on others.
 */
export function moving(scope: string): readonly [Call<never>, Call<never>] {
  return [MOVE.with(), MOVE_SCOPE.with(scope)];
}

/** Gives a row only while the scope has this version; 0 stands for one that has not changed yet. */
export function guardOf(scope: string, version: number): Call<{ readonly held: number }> {
  return GUARD.with(scope, version);
}

export class Registry implements RegistryShelf {
  readonly typesScope = TYPES_SCOPE;
  readonly guardOf = guardOf;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async version(): Promise<number> {
    const [registry] = await this.#session.read(VERSION.with());
    return registry?.version ?? 0;
  }

  changedSince(version: number, limit: number): Promise<ScopeVersion[]> {
    return this.#session.read(CHANGED_SINCE.with(version, limit));
  }

  async versionOf(scope: string): Promise<number> {
    const [found] = await this.#session.read(VERSION_OF.with(scope));
    return found?.version ?? 0;
  }
}
