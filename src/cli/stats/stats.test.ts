import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { InvalidInputError } from "../../core/errors.ts";
import { openPosthorn, silentLog, task } from "../../posthorn.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

test("programs and people are told what happened and how much waits, for all tasks or for one", async (t) => {
  const database = join(temporaryFolder(t), "stats.db");
  const mail = task("mail", { run() {} });
  const posthorn = await openPosthorn({ database, tasks: [mail], log: silentLog });
  const { jobId } = await posthorn.enqueue(mail, undefined);
  await posthorn.result(mail, jobId);
  await posthorn.enqueue(mail, undefined, { delay: "1h" });
  const { of, now } = await posthorn.stats({ span: "1m" });
  assert.deepEqual([of, now.workers, now.jobs.scheduled], ["process", 1, 1]);
  assert.equal((await posthorn.stats()).points.length, 60);
  for (const [options, problem] of [
    [{ span: "1y" }, /^span: must be one of 1m, 1h, 24h, 30d$/],
    [{ task: 5 }, /^task: must be a string$/],
    [{ tasks: "mail" }, /tasks: is unknown/],
  ] as const)
    await assert.rejects(
      posthorn.stats(options as object),
      (error: Error) => error instanceof InvalidInputError && problem.test(error.message),
    );
  await posthorn.close();

  const stats = (...argv: string[]) => ran(["stats", ...argv, "--database", database]);
  const sum = async (...argv: string[]) => {
    const told = JSON.parse((await stats("--json", ...argv)).stdout);
    const sums = told.points.map(({ accepted, succeeded }: Record<string, number>) => [accepted, succeeded]);
    return sums.reduce((all: number[], each: number[]) => all.map((n, at) => n + (each[at] ?? 0)));
  };
  assert.deepEqual(await sum(), [2, 1]);
  assert.deepEqual(await sum("--span", "24h", "--task", "mail"), [2, 1]);
  assert.deepEqual(await sum("--task", "other"), [0, 0]);

  const { stdout } = await stats("--span", "30d");
  assert.match(stdout, /^TIME +ACCEPTED +SUCCEEDED +FAILED .* ATTEMPT P50\/P95\/P99\n/);
  assert.match(stdout, /^\S+ \d\d:00:00Z +\d +\d +0 +0 +0 +\S+\/\S+\/\S+ +\S+\/\S+\/\S+$/m);
  assert.match(stdout, /^jobs now +0 ready, 1 scheduled, 0 running, 0 parked, 0 failed$/m);
  assert.match(stdout, /^oldest due +-\nworkers +0, with 0 slots\nhandled by none +-\n$/m);
  assert.match((await stats("--task", "other")).stdout, /^Nothing happened within 1h with other\.\n/);
  const refused = await stats("--span", "1m");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Allowed choices are 1h, 24h, 30d/);
});
