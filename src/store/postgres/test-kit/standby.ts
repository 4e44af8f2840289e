import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openPostgresStore } from "../postgres-store.ts";
import { copyData } from "./cluster.ts";
import { startServerIn } from "./server.ts";

/** Two servers with the same jobs, of which one only reads. */
export interface StandbyPair {
  /** Host and port. */
  readonly primary: string;
  readonly standby: string;
  urlOf(hosts: readonly string[]): string;
  stopPrimary(): Promise<void>;
  /** The standby takes writes from now on. */
  promote(): Promise<void>;
}

/** The standby is a copy of the primary's files that waits for a log which never comes: it is one to all who connect. */
export async function startStandbyPair(whenDone: (stop: () => Promise<void>) => void): Promise<StandbyPair> {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-postgres-"));
  const stops: (() => Promise<void>)[] = [];
  whenDone(async () => {
    for (const stop of stops) await stop();
    await rm(folder, { recursive: true, force: true });
  });
  const first = await startServerIn(folder, "primary");
  await (await openPostgresStore({ url: first.url })).close();
  await first.stop();
  copyData(join(folder, "primary"), join(folder, "standby"));
  await writeFile(join(folder, "standby", "standby.signal"), "");
  const primary = await startServerIn(folder, "primary");
  stops.push(() => primary.stop());
  const standby = await startServerIn(folder, "standby");
  stops.push(() => standby.stop());
  const hostOf = (url: string) => new URL(url).host;
  return {
    primary: hostOf(primary.url),
    standby: hostOf(standby.url),
    urlOf: (hosts) => primary.url.replace(hostOf(primary.url), hosts.join(",")),
    stopPrimary: () => primary.stop(),
    async promote() {
      const client = new pg.Client({ connectionString: standby.url });
      await client.connect();
      await client.query("select pg_promote(true, 30)");
      await client.end();
    },
  };
}
