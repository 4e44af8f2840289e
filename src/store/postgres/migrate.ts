import { StoreUnusableError } from "../../core/errors.ts";
import type { Database } from "./driver/database.ts";
import { adHoc, type Session, statement } from "./driver/statement.ts";
import { JOBS } from "./migrations/0001-jobs.ts";
import { WEBHOOKS } from "./migrations/0001-webhooks.ts";

interface Migration {
  readonly version: number;
  readonly text: string;
  /** The oldest release that may work with it, by the schema that it knows: migrations that change nothing it relies on keep it. */
  readonly worksWith: number;
}

/** In order: each brings the schema to its version. Imported, not read from files, so that bundlers find them. */
const MIGRATIONS: readonly Migration[] = [{ version: 1, text: `${JOBS}${WEBHOOKS}`, worksWith: 1 }];

/** The version this release works with: the number of the last migration. */
export const LATEST_VERSION = MIGRATIONS.length;

interface SchemaState {
  readonly version: number;
  readonly worksWith: number;
}

// asked of the tables, for what the session remembers of the catalog may be from before it waited for the lock
const HAS_SCHEMA = statement<{ posthorn: boolean; ours: boolean }>(`
  select
    exists (select from pg_namespace where nspname = $1) as posthorn,
    exists (
      select
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = 'schema_versions'
    ) as ours`);

const SCHEMA_STATE = statement<SchemaState>(`
  select version, works_beside as "worksWith"
  from posthorn.schema_versions
  order by version desc
  limit 1`);

// any number will do that others do not use, another for each schema; held until the transaction ends
const LOCK = statement("select pg_advisory_xact_lock(hashtextextended('posthorn.', 7378697629))");
/** Others that migrate are waited for, and a large table may take its time. */
const PATIENCE = statement(
  "select set_config('lock_timeout', '60s', true), set_config('statement_timeout', '0', true)",
);

const MAKE_SCHEMA = [
  `create table posthorn.schema_versions (
    version integer primary key,
    works_beside integer not null,
    applied_at timestamptz not null default now()
  )`,
  // tells this database from another one, and from a restored copy of another one's schema
  `create table posthorn.identity (
    is_only boolean primary key default true check (is_only),
    id uuid not null default gen_random_uuid()
  )`,
  "insert into posthorn.identity default values",
].map((text) => statement(text));

const KEEP_VERSION = statement(
  "insert into posthorn.schema_versions (version, works_beside) values ($1, $2)",
);

/**
 * Makes the schema where there is none, and brings an older one up to date when it is asked to. In one transaction, behind a
 * lock: of several processes that start at once, one does it.
 * @throws StoreUnusableError
 */
export async function prepareSchema(db: Database, mayMigrate: boolean): Promise<void> {
  const found = await readState(db, db);
  if (found && (found.version >= LATEST_VERSION || !mayMigrate)) return refuse(found, db.label);
  const state = await db.write(async (transaction) => {
    await Promise.all([transaction.run(PATIENCE), transaction.run(LOCK)]);
    const existing = await readState(transaction, db);
    if (!existing) await transaction.run(adHoc(`create schema "${db.schema}"`));
    if (!existing) for (const each of MAKE_SCHEMA) await transaction.run(each);
    for (const migration of MIGRATIONS.slice(existing?.version ?? 0)) {
      await transaction.runScript(migration.text);
      await transaction.run(KEEP_VERSION, migration.version, migration.worksWith);
    }
    return readState(transaction, db);
  });
  if (state) refuse(state, db.label);
}

/** Undefined where there is none. */
async function readState(session: Session, { schema, label }: Database): Promise<SchemaState | undefined> {
  const [has] = await session.run(HAS_SCHEMA, schema);
  if (has?.posthorn && !has.ours) {
    throw new StoreUnusableError(
      `the database ${label} has a schema named ${schema} that is not Posthorn's; choose another one (--schema), or another database`,
    );
  }
  return has?.ours ? (await session.run(SCHEMA_STATE))[0] : undefined;
}

function refuse({ version, worksWith }: SchemaState, where: string): void {
  if (version < LATEST_VERSION) {
    throw new StoreUnusableError(
      `the database ${where} has schema ${version}, and this release needs ${LATEST_VERSION}; run posthorn migrate (running processes carry on meanwhile)`,
    );
  }
  if (worksWith > LATEST_VERSION) {
    throw new StoreUnusableError(
      `the database ${where} was migrated by a newer Posthorn (schema ${version}, this one knows ${LATEST_VERSION}); install that release or a later one`,
    );
  }
}
