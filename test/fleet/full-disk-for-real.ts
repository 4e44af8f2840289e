/** Not among the tests, because only root may mount a file system. `npm run faults -- full-disk` runs it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { until } from "../support/until.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

const SIZE_MIB = 192;
const CHUNK = Buffer.alloc(64 * 1_024);
const SETTINGS = ["min_wal_size=32MB", "max_wal_size=48MB", "autovacuum=off"];

test("when the disk of PostgreSQL is full, requests are refused; once there is room, the fleet goes on", async (t) => {
  const folder = mountedFolder(t);
  const postgres = await PostgresServer.start(t, SETTINGS, folder);
  const trial = await Trial.start(t, postgres.trialOptions);
  const ballast = join(folder, "ballast");
  fill(ballast);
  await until("requests are refused", () => Number(trial.load.refused.get(503)) > 100);
  t.diagnostic(`with a full disk, PostgreSQL ${postgres.isRunning ? "still runs" : "has ended"}`);
  rmSync(ballast);
  // it ends when it cannot write its log
  if (!postgres.isRunning) await postgres.start();
  await trial.recovers(performance.now());
  await trial.worksOn();
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});

function mountedFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-full-disk-"));
  t.after(() => {
    spawnSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE_MIB}m`, "tmpfs", folder]);
  assert.equal(status, 0, `a small file system is needed, and only root may mount one: ${stderr}`);
  return folder;
}

function fill(file: string): void {
  for (;;) {
    try {
      writeFileSync(file, CHUNK, { flag: "a" });
    } catch {
      return; // no space left
    }
  }
}
