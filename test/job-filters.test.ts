import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { JOB_STATUSES } from "../src/core/job.ts";
import { createApp } from "../src/http/app.ts";
import type { JobExportEnd } from "../src/http/schemas/queries.ts";
import { taskJobPage } from "../src/http/schemas/task-job.ts";
import { type Duration, openPosthorn, silentLog, task } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

interface Page {
  readonly data: readonly { readonly job_id: string }[];
}

function idsIn(lines: readonly string[]): string[] {
  return lines.map((line) => (JSON.parse(line) as Page["data"][number]).job_id); // as its description says
}

test("the lists and exports over HTTP, of the command line and of the library take the filters of bulk runs, and find the same", async (t) => {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === "/gone" ? 404 : 200),
  );
  const database = scratchDatabase();
  const greet = task("greet", { run: async () => {} });
  const posthorn = await openPosthorn({
    ...{ database, log: silentLog, allowTargets: ["127.0.0.1"] },
    masterKey: Buffer.alloc(32, 7).toString("base64"),
    tasks: [greet],
  });
  t.after(() => posthorn.close());
  const { webhooks } = posthorn;
  for (const [uid, path] of [
    ["acme", "/gone"],
    ["acme", "/in"],
    ["other", "/in"],
  ] as const)
    await webhooks.endpoints.create(uid, {
      uid: path.slice(1),
      url: receiver.url + path,
      retry: { attempts: 1 },
    });
  const start = new Date().toISOString();
  for (const tenant of ["acme", "other"])
    await webhooks.send({ tenant, type: "a", payload: 1, tags: [`of-${tenant}`] });
  const later = new Date(Date.now() + 3_600_000);
  const { jobId: waiting } = await posthorn.enqueue(greet, undefined, { key: "ana", runAt: later });
  await until("all have ended", async () => (await posthorn.jobs.list({ finishedFrom: start })).length === 3);
  const { id: acme } = await webhooks.tenants.get("acme");
  const { data } = await webhooks.events.list("acme");
  const event = data[0]?.id ?? "";
  const [failed] = await posthorn.jobs.list({ status: "failed" });
  const [attempt] = await posthorn.jobs.attempts(failed?.id ?? "");
  const fingerprint = attempt?.fingerprint ?? "";
  assert.notEqual(fingerprint, "");

  const keys = new Keys(storeOf(posthorn).keys, posthorn.clock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: posthorn.clock });
  const { token } = await keys.create({ name: "all", role: "read" });
  const { token: bound } = await keys.create({
    name: "other's",
    role: "read",
    tenant: (await webhooks.tenants.get("other")).id,
  });
  const ask = async (path: string, by = token) =>
    app.fetch(new Request(`http://127.0.0.1:8000${path}`, { headers: { authorization: `Bearer ${by}` } }));
  const idsAt = async (path: string, by = token) => {
    const answer = await ask(path, by);
    assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
    return ((await answer.json()) as Page).data.map(({ job_id }) => job_id); // as its description says
  };

  const exportedAt = async (path: string, by = token) => {
    const answer = await ask(path, by);
    assert.equal(answer.headers.get("content-type"), "application/x-ndjson");
    const lines = (await answer.text()).trimEnd().split("\n");
    const end = JSON.parse(lines.pop() ?? "") as JobExportEnd;
    assert.equal(end.jobs, lines.length);
    return { ids: idsIn(lines), end };
  };

  assert.deepEqual([failed?.tags, failed?.durationMs], [["of-acme"], attempt?.durationMs]);
  const tagged = taskJobPage.parse(await (await ask("/jobs?tag=of-other")).json());
  assert.deepEqual(tagged.data[0]?.tags, ["of-other"]);

  const cases = [
    [{ tenant: "acme" }, { tenant: acme }, 2],
    [{ tenant: "acme", endpoint: "gone" }, undefined, 1],
    [{ event }, { event }, 2],
    [{ tag: "of-other" }, { tag: "of-other" }, 1],
    [{ key: "ana" }, { key: "ana" }, 1],
    [{ class: "4xx" }, { class: "4xx" }, 1],
    [{ fingerprint }, { fingerprint }, 1],
    [{ attempts_from: "1" }, { attemptsFrom: 1 }, 3],
    [{ attempts_from: "2" }, { attemptsFrom: 2 }, 0],
    [{ finished_from: start }, { finishedFrom: start }, 3],
    [{ finished_before: start }, { finishedBefore: start }, 0],
    [{ due_from: later.toISOString() }, { dueFrom: later.toISOString() }, 1],
    [{ due_before: later.toISOString() }, { dueBefore: later.toISOString() }, 0],
    [{ due_from: start, status: "failed" }, { dueFrom: start, status: "failed" }, 0],
    [{ waiting: "scheduled" }, { waiting: "scheduled" }, 1],
    [{ waiting: "held" }, { waiting: "held" }, 0],
    [{ duration_from: "0s" }, { durationFrom: 0 }, 3],
    [{ duration_from: "1h" }, { durationFrom: "1h" }, 0],
    [{ ids: `${failed?.id},${waiting}` }, { ids: [failed?.id ?? "", waiting] }, 2],
    [{ status: "failed,queued" }, { status: ["failed", "queued"] }, 2],
    [{ tag: "of-acme", status: "succeeded" }, { tag: "of-acme", status: "succeeded" }, 1],
  ] as const;
  for (const [query, filter, n] of cases) {
    const told = JSON.stringify(query);
    const found = await idsAt(`/jobs?${new URLSearchParams(query)}`);
    assert.equal(found.length, n, told);
    const webhookJobs = await idsAt(`/webhooks/jobs?${new URLSearchParams(query)}`);
    assert.deepEqual(
      webhookJobs,
      found.filter((id) => id !== waiting),
      told,
    );
    if (filter)
      assert.deepEqual(
        (await posthorn.jobs.list(filter)).map(({ id }) => id),
        found,
        told,
      );
    assert.deepEqual((await exportedAt(`/jobs/export?${new URLSearchParams(query)}`)).ids, found, told);
    const flags = Object.entries(query).flatMap(([name, value]) => [`--${name.replace("_", "-")}`, value]);
    const { stdout, stderr } = await ran(["jobs", "list", ...flags, "--json", "--database", database]);
    assert.equal(stderr, "", told);
    assert.deepEqual(
      (JSON.parse(stdout) as Page).data.map(({ job_id }) => job_id),
      found,
      told,
    );
    const printed = await ran(["jobs", "export", ...flags, "--database", database]);
    assert.deepEqual(idsIn(printed.stdout.split("\n").slice(0, -1)), found, told);
    const inBulk = { status: JOB_STATUSES, ...(filter ?? query) };
    const { matched } = await posthorn.bulk.preview({ action: "cancel", filter: inBulk });
    assert.deepEqual(matched, { n, atLeast: false }, told);
    // a key that sees only another tenant learns nothing
    const path = `/jobs?${new URLSearchParams(query)}`;
    const mine = new Set(await idsAt("/jobs", bound));
    assert.equal(mine.size, 1);
    const exported = `/jobs/export?${new URLSearchParams(query)}`;
    if ("tenant" in query)
      for (const each of [path, exported]) assert.equal((await ask(each, bound)).status, 404, told);
    else {
      const ids = await idsAt(path, bound);
      for (const id of ids) assert.ok(mine.has(id), told);
      assert.deepEqual((await exportedAt(exported, bound)).ids, ids, told);
    }
  }
  assert.equal((await idsAt("/jobs?endpoint=in", bound)).length, 1);
  const all = await idsAt("/jobs");
  const { ids, end } = await exportedAt("/jobs/export?limit=3");
  assert.deepEqual(ids, all.slice(0, 3));
  const rest = await exportedAt(`/jobs/export?cursor=${end.next_cursor}`);
  assert.deepEqual([rest.ids, rest.end.next_cursor], [all.slice(3), null]);
  assert.equal((await ask("/jobs/export?limit=100001")).status, 422);
  const hidden = await keys.create({ name: "hidden", role: "read", payloads: "none" });
  const shown = await (await ask("/jobs/export?status=failed", hidden.token)).text();
  assert.match(shown, /"error":"•••• not shown to this key"/);
  const { data: told } = await posthorn.audit.list({ action: "job.export" });
  assert.deepEqual(
    [told[0]?.actor, told[0]?.change.status, new Set(told.map(({ via }) => via))],
    ["hidden", [null, ["failed"]], new Set(["api", "cli"])],
  );
  assert.ok(told.some(({ actor, tenantId }) => actor === "other's" && tenantId !== null));
  assert.equal((await ask("/jobs?endpoint=gone", bound)).status, 404);
  for (const query of [
    "endpoint=in",
    "tenant=acme&endpoint=in&lane=x",
    "event=job_1",
    "bulk=x",
    "status=failed,none",
    "attempts_from=-1",
    "duration_from=5",
    "due_from=tomorrow",
    "waiting=long",
    "ids=job_1",
    `ids=${Array.from({ length: 201 }, () => waiting)}`,
    "class=9xx",
    "tag=",
  ])
    assert.equal((await ask(`/jobs?${query}`)).status, 422, query);
  for (const flags of [
    ["--endpoint", "in"],
    ["--status", "failed,none"],
    ["--ids", `${waiting},job_1`],
    ["--tenant", "acme", "--endpoint", "in", "--target", receiver.url],
  ]) {
    const { code } = await ran(["jobs", "list", ...flags, "--database", database]);
    assert.notEqual(code, 0, flags.join(" "));
  }
  const { jobId } = await webhooks.redeliver("acme", event, "in");
  assert.deepEqual(await idsAt("/jobs?trigger=manual"), [jobId]);
  assert.deepEqual(await idsAt("/jobs?trigger=manual", bound), []);
  assert.deepEqual(
    (await posthorn.jobs.list({ trigger: "manual" })).map(({ id }) => id),
    [jobId],
  );
  const { stdout } = await ran(["jobs", "list", "--trigger", "manual", "--json", "--database", database]);
  assert.deepEqual(
    (JSON.parse(stdout) as Page).data.map(({ job_id }) => job_id),
    [jobId],
  );
  const byHand = await posthorn.bulk.preview({
    action: "redeliver",
    filter: { trigger: "manual", tag: "of-other" },
  });
  assert.equal(byHand.matched.n, 0);
  assert.deepEqual(byHand.filter.trigger, "manual");
});

test("jobs that run now are found by how long they have been running", async (t) => {
  const begun = Promise.withResolvers<void>();
  const ends = Promise.withResolvers<void>();
  const long = task("long", {
    timeout: "7d",
    run: () => {
      begun.resolve();
      return ends.promise;
    },
  });
  const posthorn = await openTestPosthorn({ tasks: [long] });
  t.after(() => posthorn.close());
  const { jobId } = await posthorn.enqueue(long, undefined);
  const draining = posthorn.drain();
  await begun.promise;
  const found = async (durationFrom: Duration, more = {}) => {
    const listed = await posthorn.jobs.list({ durationFrom, ...more });
    const { matched } = await posthorn.bulk.preview({
      action: "cancel",
      filter: { task: "long", durationFrom },
    });
    assert.equal(matched.n, listed.length, `${durationFrom}`);
    return listed.map(({ id }) => id);
  };
  assert.deepEqual([await found(0), await found("10m")], [[jobId], []]);
  await posthorn.clock.advance("10m");
  assert.deepEqual(await found("10m"), [jobId]);
  assert.deepEqual(await found("10m", { status: "running" }), [jobId]);
  assert.deepEqual(await found("601s"), []);
  ends.resolve();
  await draining;
});
