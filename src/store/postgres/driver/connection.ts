import type pg from "pg";
import { StoreUnusableError } from "../../../core/errors.ts";
import type { Host } from "./hosts.ts";
import type { ServerClock } from "./server-clock.ts";

/** A statement of the hot path takes milliseconds; one that takes this long is waiting for something broken. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Long enough for a neighbour's transaction, short enough to be told apart from it. */
const LOCK_TIMEOUT_MS = 5_000;
/** For a server that neither answers nor hangs up: its own timeout would have fired before. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
const OLDEST_VERSION = 140_000;

/**
 * Settings of a connection of ours.
 *
 * Plans must not depend on statistics: a queue is empty when it is analyzed, and holds a million jobs an hour later. Every statement of
 * ours has an index that finds its rows, in their order, so plans that scan or sort are ruled out wherever there is another, and a plan is
 * made once.
 *
 * synchronous_commit is only made stricter: a server with a stricter setting than `on` keeps it.
 */
const SET_UP = `
  select
    set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', false),
    set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', false),
    set_config('idle_in_transaction_session_timeout', '${IDLE_IN_TRANSACTION_MS}', false),
    set_config('enable_seqscan', 'off', false),
    set_config('enable_bitmapscan', 'off', false),
    set_config('enable_mergejoin', 'off', false),
    set_config('enable_sort', 'off', false),
    set_config('plan_cache_mode', 'force_generic_plan', false),
    set_config('jit', 'off', false),
    set_config('default_transaction_isolation', 'read committed', false),
    set_config(
      'synchronous_commit',
      case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end,
      false
    ),
    current_setting('server_version_num')::int as version,
    pg_is_in_recovery() as is_standby,
    (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;

interface SetUpRow {
  readonly version: number;
  readonly is_standby: boolean;
  readonly now: number;
}

export function settingsOf(host: Host): pg.ClientConfig {
  return {
    connectionString: host.url,
    application_name: "posthorn",
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: ANSWER_TIMEOUT_MS,
  };
}

/** The server can only be read from. */
class StandbyError extends Error {
  readonly code = "25006";
}

/** @throws StandbyError, StoreUnusableError */
export async function setUp(client: pg.ClientBase, clock: ServerClock): Promise<void> {
  const sentAt = performance.now();
  const { rows } = await client.query<SetUpRow>(SET_UP);
  const [row] = rows;
  if (!row) return;
  clock.observe(row.now, sentAt, performance.now());
  if (row.version < OLDEST_VERSION)
    throw new StoreUnusableError("this PostgreSQL is too old; Posthorn needs version 14 or newer");
  if (row.is_standby) throw new StandbyError("this server is a standby");
}

/** Closes the connection without a goodbye, which a server that is gone would never answer. */
export function cut(client: pg.Client): void {
  client.connection.stream.destroy();
}
