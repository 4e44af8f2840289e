import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openPosthorn, silentLog, task } from "../../posthorn.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

test("what is past its retention is deleted immediately, by the settings that were given, and that is in the audit", async (t) => {
  const database = join(temporaryFolder(t), "prune.db");
  const mail = task("mail", { run() {} });
  const posthorn = await openPosthorn({ database, tasks: [mail], log: silentLog });
  for (let n = 0; n < 3; n++) await posthorn.result(mail, (await posthorn.enqueue(mail, undefined)).jobId);
  await posthorn.enqueue(mail, undefined, { delay: "1h" });
  assert.deepEqual(await posthorn.prune({ actor: "ana" }), { pruned: {}, isComplete: true });
  await posthorn.close();

  const prune = (...argv: string[]) => ran(["prune", ...argv, "--database", database]);
  const refused = await prune();
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /--retain-jobs \(POSTHORN_RETAIN_JOBS\) must be set/);
  assert.equal((await prune("--retain-jobs", "1h")).stdout, "Nothing is past its retention.\n");
  const pruned = await prune("--retain-jobs", "0s");
  assert.match(pruned.stdout, /^WHAT +DELETED\njobs +3\n/, pruned.stderr);
  assert.deepEqual(JSON.parse((await prune("--retain-jobs", "0s", "--json")).stdout), {
    pruned: {},
    complete: true,
  });

  const again = await openPosthorn({ database, worker: false, log: silentLog });
  assert.equal((await again.jobs.list()).length, 1);
  const { data } = await again.audit.list({ action: "database.prune" });
  assert.deepEqual(
    data.map(({ via }) => via),
    ["cli", "cli", "cli", "library"],
  );
  await again.close();
});
