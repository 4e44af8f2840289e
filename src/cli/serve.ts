import { resolve } from "node:path";
import { ConfigurationError } from "../core/errors.ts";
import { createLog, type Log, type LogLevel } from "../observe/log.ts";
import type { Posthorn } from "../posthorn.ts";
import { VERSION } from "../version.ts";
import { withStore } from "./database.ts";
import { invocation } from "./invocation.ts";
import { aborted, type GlobalOptions, type Io } from "./io.ts";
import { printReady } from "./ready.ts";
import { shellQuoted } from "./shell-quoted.ts";

export interface ServeOptions extends GlobalOptions {
  readonly dev: boolean;
  readonly host: string;
  readonly port: number;
  readonly allowTargets: readonly string[];
  readonly concurrency: number;
  readonly worker: boolean;
  readonly maxBody: number;
  readonly maxDatabaseSize?: number;
  readonly duplicateKeys: "replay" | "reject";
  readonly retainJobs: number;
  readonly retainKeys: number;
  readonly drainTimeout: number;
  readonly logLevel: LogLevel;
}

const LOOPBACK_TARGETS = ["localhost", "127.0.0.0/8", "::1/128"];

/**
 * Runs the server until it is asked to stop; then it takes no more work, and waits for what runs.
 * @throws ConfigurationError, StoreUnusableError, StoreUnavailableError when it cannot start.
 */
export async function serve(options: ServeOptions, io: Io): Promise<void> {
  if (options.dev) refuseOpenHost(options.host);
  const stop = io.stopSignal();
  const log = createLog({ level: options.logLevel, pretty: io.stderr.isTTY === true && !options.json });
  const database = resolve(options.database);
  if (!options.dev) await refuseWithoutKey(database);

  const posthorn = await open(options, database, io, log);
  try {
    const server = await listenOn(posthorn, options, log);
    printReady(io.stdout, { ...options, database, url: server.url });
    await aborted(stop);
    log.info({ signal: stop.reason }, "stopping: no new requests, no new jobs");
    await announceDrain(posthorn, options, log);
    await Promise.all([server.close(), posthorn.drain()]);
  } finally {
    await posthorn.close();
  }
  log.info({}, "stopped");
}

function refuseOpenHost(host: string): void {
  if (host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)) return;
  throw new ConfigurationError(
    `--dev asks for no key, so it listens on loopback only, not on --host ${host} (POSTHORN_HOST); leave out one of the two`,
  );
}

/** Before anything runs: a server that nobody may talk to should not deliver either. */
async function refuseWithoutKey(database: string): Promise<void> {
  const keys = await withStore(database, (store) => store.listKeys());
  if (keys.some((key) => key.revokedAt === null)) return;
  throw new ConfigurationError(
    `${database} holds no API key, and without --dev every request needs one. Make one:\n\n` +
      `  ${invocation()} keys create --name first --role admin --database ${shellQuoted(database)}\n`,
  );
}

async function open(options: ServeOptions, database: string, io: Io, log: Log): Promise<Posthorn> {
  const { openPosthorn } = await import("../posthorn.ts");
  const masterKey = io.env.POSTHORN_MASTER_KEY;
  return openPosthorn({
    database,
    concurrency: options.concurrency,
    worker: options.worker,
    allowTargets: options.dev ? [...options.allowTargets, ...LOOPBACK_TARGETS] : options.allowTargets,
    retainJobs: options.retainJobs,
    retainKeys: options.retainKeys,
    duplicateKeys: options.duplicateKeys,
    drainTimeout: options.drainTimeout,
    log,
    ...(masterKey && { masterKey }),
    ...(options.maxDatabaseSize !== undefined && { maxDatabaseBytes: options.maxDatabaseSize }),
  });
}

async function listenOn(posthorn: Posthorn, options: ServeOptions, log: Log) {
  const { createApp } = await import("../http/app.ts");
  const { listen } = await import("../http/listen.ts");
  const { Keys } = await import("../http/access/keys.ts");
  const { dev, host, port } = options;
  const access = dev
    ? { mode: "dev" as const }
    : { mode: "keys" as const, keys: new Keys(posthorn.store, posthorn.clock) };
  const app = createApp(posthorn, {
    access,
    maxBodyBytes: options.maxBody,
    log,
    clock: posthorn.clock,
    version: VERSION,
  });
  return listen(app, { host, port });
}

/** More running jobs than a server's slots would ever show are not worth counting. */
const MOST_COUNTED = 1_000;

async function announceDrain(posthorn: Posthorn, { drainTimeout }: ServeOptions, log: Log): Promise<void> {
  const running = await posthorn.jobs.list({ status: "running" }, { limit: MOST_COUNTED }).catch(() => []);
  if (running.length === 0) return;
  log.info(
    { running: running.length, drainTimeoutMs: drainTimeout },
    "waiting for running jobs; a second signal exits at once, and they run again after the next start",
  );
}
