import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { until } from "../support/until.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

test("when the primary is killed and its synchronous standby promoted, nothing is lost and the fleet goes on there", async (t) => {
  const { primary, standby } = await startPair(t);
  const trial = await Trial.start(t, {
    database: primary.urlOf("postgres", `${primary.host},${standby.host}`),
    query: (text) => standby.query("postgres", text),
  });
  await primary.stop("kill");
  await standby.query("postgres", "select pg_promote(true, 30)");
  await trial.recovers(performance.now());
  await trial.worksOn();
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});

/** A commit on the primary is answered once the standby has it on its disk. */
async function startPair(t: TestContext) {
  const primary = await PostgresServer.start(t);
  await primary.stop("fast");
  const standby = await primary.copy(t, [
    `primary_conninfo=${primary.conninfo} application_name=standby`,
    "hot_standby=on",
  ]);
  await writeFile(join(standby.folder, "standby.signal"), "");
  await Promise.all([primary.start(), standby.start()]);
  await primary.query("postgres", "alter system set synchronous_standby_names = 'standby'");
  await primary.query("postgres", "select pg_reload_conf()");
  await until("the standby follows synchronously", async () => {
    const [row] = await primary.query("postgres", "select sync_state from pg_stat_replication");
    return row?.sync_state === "sync";
  });
  return { primary, standby };
}
