import { ConfigurationError } from "../core/errors.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import type { Log } from "../observe/log.ts";
import type { Posthorn, PosthornOptions } from "../posthorn.ts";
import { retentionOf } from "./serve/retention-settings.ts";
import type { WorkOptions } from "./serve/work-settings.ts";
import { loadDefinitions } from "./tasks/task-files.ts";
import type { Io } from "./terminal/io.ts";

export interface OpenOptions extends WorkOptions {
  readonly worker: boolean;
  readonly maxDatabaseSize?: number;
  readonly retainKeys?: number;
  readonly duplicateKeys?: "replay" | "reject";
  readonly unknownTenants?: "create" | "reject";
  readonly operationalUrl?: string;
  readonly operationalSecret?: string;
}

/**
 * Opens the database with a command's options, and with the tasks and schedules it was given.
 * @param database absolute path, or a connection string.
 */
export async function open(options: OpenOptions, database: string, io: Io, log: Log): Promise<Posthorn> {
  const definitions = await loadDefinitions(options.tasks);
  const { openPosthorn } = await import("../posthorn.ts");
  const { concurrency, worker, allowTargets, drainTimeout, maxDatabaseSize } = options;
  const { attemptTraces, metricsEndpoints, logSuccesses, propagateTrace } = options;
  const { retainKeys, duplicateKeys, unknownTenants, operationalUrl, operationalSecret } = options;
  return openPosthorn({
    ...definitions,
    ...{ database, concurrency, worker, allowTargets, drainTimeout, log },
    ...(options.tag.length > 0 && { payloadTags: payloadTagsOf(options.tag) }),
    ...egressProxiesOf(options.egressProxy),
    ...retentionOf(options),
    breaker: { failures: options.breakerFailures, disableAfter: options.disableFailingAfter },
    ...withoutUndefined({
      ...{ attemptTraces, metricsEndpoints, logSuccesses, propagateTrace },
      ...{ retainKeys, duplicateKeys, unknownTenants, operationalUrl, operationalSecret },
      egressAddress: options.egressAddress || undefined,
      masterKey: io.env.POSTHORN_MASTER_KEY || undefined,
      maxDatabaseBytes: maxDatabaseSize,
    }),
  });
}

/** @throws ConfigurationError for one without a name, or whose name another one has. */
function payloadTagsOf(given: readonly string[]): Readonly<Record<string, string>> {
  const paths = new Map<string, string>();
  for (const text of given) {
    const [, name, path] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || path === undefined)
      throw new ConfigurationError(`--tag takes a name and a path, such as order=$.data.id, not ${text}`);
    if (paths.has(name)) throw new ConfigurationError(`--tag is given twice for ${name}`);
    paths.set(name, path);
  }
  return Object.fromEntries(paths);
}

/** @throws ConfigurationError when two have no name, or the same one. The message repeats no URL, which may hold a password. */
function egressProxiesOf(given: readonly string[]): Pick<PosthornOptions, "egressProxy" | "egressProxies"> {
  const named: Record<string, string> = {};
  let all: string | undefined;
  for (const text of given) {
    const [, name, url = text] = /^([^:/=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined ? all !== undefined : Object.hasOwn(named, name))
      throw new ConfigurationError(
        `--egress-proxy is given twice ${name === undefined ? "without a name" : `for ${name}`}`,
      );
    if (name === undefined) all = url;
    else named[name] = url;
  }
  return {
    ...(all !== undefined && { egressProxy: all }),
    ...(Object.keys(named).length > 0 && { egressProxies: named }),
  };
}
