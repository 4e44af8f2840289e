import { ConfigurationError } from "../../core/errors.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { Part } from "../../engine/part.ts";
import type { EventRateOptions } from "../../http/access/event-rates.ts";
import { createLog } from "../../observe/log.ts";
import type { Posthorn } from "../../posthorn.ts";
import { storeOf } from "../../store/store-of.ts";
import { VERSION } from "../../version.ts";
import { type BackupSettings, backupsOf, refuseBackups } from "../backup/backup-settings.ts";
import { located, makeKeyFile, shownDatabase, withStore } from "../database.ts";
import { type OpenOptions, open } from "../open-posthorn.ts";
import { invocation } from "../terminal/invocation.ts";
import { aborted, type Io } from "../terminal/io.ts";
import { shellQuoted } from "../terminal/shell-quoted.ts";
import { announceDrain } from "./announce-drain.ts";
import { announceStart } from "./announce-start.ts";
import { hearKeys } from "./keys.ts";
import { listenForMetricsOf } from "./listen-for-metrics.ts";
import { printReady } from "./ready.ts";
import { tightenHeap } from "./tight-heap.ts";

export interface ServeOptions extends OpenOptions, EventRateOptions, BackupSettings {
  readonly dev: boolean;
  /** Of `--schema`. The database's name has it, too. */
  readonly schema?: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly traceUrl?: string;
  readonly redact: readonly string[];
  readonly portalOrigins: readonly string[];
  readonly portalLogo?: string;
  readonly maxBody: number;
  readonly svixJwtSecret?: string;
  readonly svixOrganization: string;
  readonly console: boolean;
  readonly duplicateKeys: "replay" | "reject";
}

/** Pasted where the variable is missing, it fails, instead of making a key in a file of the default name. */
const FROM_VARIABLE = `"\${POSTHORN_DATABASE:?set it to the connection string of the server}"`;

const LOOPBACK_TARGETS = ["localhost", "127.0.0.0/8", "::1/128"];

/**
 * Runs the server until it is asked to stop; then it takes no more work, and waits for what runs.
 * @throws ConfigurationError, StoreUnusableError, StoreUnavailableError when it cannot start.
 */
export async function serve(options: ServeOptions, io: Io, settings: readonly string[]): Promise<void> {
  const { dev, allowTargets, drainTimeout } = options;
  if (dev) refuseOpenHost(options.host);
  refuseBackups(options);
  refuseIdle(options, settings);
  tightenHeap();
  const stop = io.stopSignal();
  const log = createLog({ level: options.logLevel, pretty: io.stderr.isTTY === true && !options.json });
  const database = located(options.database);
  if (dev) await makeKeyFile(database, io.env.POSTHORN_MASTER_KEY);
  else if (options.svixJwtSecret === undefined) await refuseWithoutKey(database, options.schema);

  const targets = dev ? [...allowTargets, ...LOOPBACK_TARGETS] : allowTargets;
  const posthorn = await open({ ...options, allowTargets: targets }, database, io, log);
  let watched: Awaited<ReturnType<typeof listenForMetricsOf>>;
  let backups: Part | undefined;
  try {
    watched = await listenForMetricsOf(posthorn, options.metricsListen);
    const server = await listenOn(posthorn, options);
    backups = await backupsOf(options, database, posthorn, log);
    await backups?.start();
    const tasks = posthorn.tasks.list().map(({ name }) => name);
    printReady(io.stdout, { ...options, database: shownDatabase(database), tasks, url: server.url });
    announceStart({ database, slots: options.worker ? options.concurrency : 0, settings }, log, io);
    if (options.console && !options.json) hearKeys(`${server.url}/console`, io.stdout);
    await aborted(stop);
    log.info({ signal: stop.reason }, "stopping: no new requests, no new jobs");
    announceDrain(posthorn, drainTimeout, log);
    await Promise.all([server.close(), posthorn.drain(), backups?.stop()]);
  } finally {
    await backups?.stop();
    await watched?.close();
    await posthorn.close();
  }
  log.info({}, "stopped");
}

function refuseOpenHost(host: string): void {
  if (host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)) return;
  throw new ConfigurationError(
    `--dev needs no key, so it listens on loopback only, not on --host ${host} (POSTHORN_HOST); leave out one of the two`,
  );
}

/** @throws ConfigurationError when one of the settings given would do nothing. */
function refuseIdle({ svixJwtSecret, console, traceUrl }: ServeOptions, given: readonly string[]): void {
  if (svixJwtSecret === undefined)
    for (const name of ["--svix-organization", "POSTHORN_SVIX_ORGANIZATION"])
      if (given.includes(name))
        throw new ConfigurationError(
          `${name} does nothing without --svix-jwt-secret, which tokens are signed with`,
        );
  if (!console && traceUrl !== undefined)
    throw new ConfigurationError(
      "--trace-url does nothing with --no-console, whose links it is for; leave out one of the two",
    );
}

/** Before anything runs: a server that nobody may talk to should not make deliveries either. */
async function refuseWithoutKey(database: string, schema: string | undefined): Promise<void> {
  const keys = await withStore(database, (store) => store.keys.list());
  if (keys.some((key) => key.revokedAt === null)) return;
  const name = shownDatabase(database);
  const create = `  ${invocation()} keys create --name first --role admin`;
  const command =
    name === database
      ? `${create} --database ${shellQuoted(name)}\n`
      : `${create} --database ${FROM_VARIABLE}${schema === undefined ? "" : ` --schema ${shellQuoted(schema)}`}\n\n` +
        "This takes the connection string, which is not repeated here, from POSTHORN_DATABASE.\n";
  throw new ConfigurationError(
    `${name} holds no API key, and without --dev every request needs one. Create one:\n\n${command}`,
  );
}

async function listenOn(posthorn: Posthorn, options: ServeOptions) {
  const { createApp } = await import("../../http/app.ts");
  const { listen } = await import("../../http/listen.ts");
  const { Keys } = await import("../../access/keys.ts");
  const { readLogo } = await import("../../http/pages/logo.ts");
  const { dev, host, port, traceUrl, publicUrl, portalLogo } = options;
  const access = dev
    ? { mode: "dev" as const }
    : { mode: "keys" as const, keys: new Keys(storeOf(posthorn).keys, posthorn.clock) };
  const app = createApp(posthorn, {
    access,
    maxBodyBytes: options.maxBody,
    ...(!options.console && { console: false }),
    ...(dev && { inboxSecret: posthorn.signingSecret() }),
    eventRates: options,
    svix: { jwtSecret: options.svixJwtSecret, organization: options.svixOrganization },
    portalOrigins: options.portalOrigins,
    redact: options.redact,
    ...withoutUndefined({ traceUrl, publicUrl, portalLogo: portalLogo ? readLogo(portalLogo) : undefined }),
    clock: posthorn.clock,
    version: VERSION,
  });
  return listen(app, { host, port });
}
