import { hostname } from "node:os";
import { test } from "node:test";
import { task } from "../src/posthorn.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { gate, LONG } from "./support/posthorn.ts";
import { until } from "./support/until.ts";

test("a job's page says why it waits, and for how long it may still run", skipElsewhere, async (t) => {
  const held = gate();
  const one = task("one-at-a-time", { limits: { concurrency: 1 }, run: () => held.opens, timeout: "1h" });
  const rare = task("rare", { limits: { rate: { limit: 1, per: "1h" } }, run: async () => {} });
  const busy = task("busy", { run: () => held.opens });
  const tasks = [one, rare, busy];
  const at = await ConsoleWithKeys.open(t, { worker: true, concurrency: 3, tasks });
  t.after(() => held.open());
  const { posthorn, page, watched } = at;
  const runs = (jobId: string) =>
    until("it runs", async () => (await posthorn.jobs.get(jobId)).status === "running");
  await at.signIn({ name: "ana", role: "admin" });
  const says = async (jobId: string, sentence: RegExp) => {
    await watched.open(`/console/jobs/${jobId}`);
    await page.locator(".headline").getByText(sentence).waitFor();
  };

  const first = await posthorn.enqueue(one, undefined);
  await runs(first.jobId);
  const host = hostname().replaceAll(/[^\w-]/g, ".");
  await says(first.jobId, new RegExp(`^Runs on ${host}.* for .*, times out in .*; attempt 1 of`));
  await posthorn.enqueue(one, undefined);
  const third = await posthorn.enqueue(one, undefined);
  await says(third.jobId, /^Its lane runs 1 of 1; 1 before it\.$/);
  await watched.isWellMade("a job that waits for its lane");

  await posthorn.jobs.waitUntilEnded((await posthorn.enqueue(rare, undefined)).jobId, LONG);
  const later = await posthorn.enqueue(rare, undefined);
  await says(later.jobId, /^Its lane's rate is 1\/h: next place in .*\.$/);

  const { jobId: scheduled } = await posthorn.enqueue(busy, undefined, { delay: "1h" });
  await says(scheduled, /^Waits for \d\d:\d\d:\d\d, in /);

  await posthorn.webhooks.tenants.create({ uid: "acme" });
  await posthorn.webhooks.endpoints.create("acme", { uid: "main", url: "http://127.0.0.1:9/" });
  await posthorn.webhooks.endpoints.pause("acme", "main", {}, { actor: "tom", reason: "maintenance" });
  await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: 1 });
  const [paused] = await posthorn.jobs.list({ tasks: ["webhook.deliver"] });
  await says(paused?.id ?? "", /^Its endpoint has been paused since .* by tom: maintenance\.$/);

  for (let n = 0; n < 2; n++)
    await runs((await posthorn.enqueue(busy, undefined, { lane: `lane-${n}` })).jobId);
  const waiting = await posthorn.enqueue(busy, undefined, { lane: "another" });
  await says(waiting.jobId, /^Due for .*, workers are busy \(3 of 3\)\.$/);
  watched.isClean();
});
