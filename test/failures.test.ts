import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Keys, type NewKey } from "../src/access/keys.ts";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { bulkPreview } from "../src/http/schemas/bulk.ts";
import { failureAnswer, failurePage } from "../src/http/schemas/failure.ts";
import { type FailureFilter, type FailureGroup, task } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");
const AT_ONCE = { startsIn: 0, pace: 10_000 } as const;

async function setUp(t: TestContext) {
  const database = scratchDatabase();
  const told = { status: 503, breaks: true };
  const mail = task("send-mail", {
    retry: { attempts: 2, backoff: { initial: "1ms" } },
    run({ to }: { to: string }) {
      if (told.breaks) throw new Error(`no mailbox ${to} for card 4111111111111111`);
    },
  });
  const posthorn = await open(t, {
    database,
    allowTargets: ["127.0.0.1"],
    masterKey: MASTER_KEY,
    tasks: [mail],
  });
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(told.status));
  const keys = new Keys(storeOf(posthorn).keys, systemClock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const holder = async (rights: NewKey) => {
    const { token } = await keys.create(rights);
    return async (method: string, path: string, body?: unknown): Promise<Response> => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      return app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
    };
  };
  const groups = (count: number, filter: FailureFilter = {}) =>
    until(`${count} groups are counted`, async () => {
      const { data } = await posthorn.failures.list(filter);
      return data.length === count ? data : undefined;
    });
  const counted = (n: number, fingerprint: string): Promise<FailureGroup> =>
    until(`${n} are counted`, async () => {
      const group = await posthorn.failures.get(fingerprint);
      return group.n === n ? group : undefined;
    });
  return { posthorn, database, told, mail, receiver, holder, groups, counted };
}

test("what fails alike is one group: counted with its retries, acknowledged, rerun as one, and open again when it goes on", async (t) => {
  const { posthorn, told, mail, groups, counted } = await setUp(t);
  for (let n = 0; n < 5; n++) await posthorn.enqueue(mail, { to: `box-${n}` });
  const [{ fingerprint } = assert.fail()] = await groups(1);
  const group = await counted(10, fingerprint);
  assert.deepEqual(
    [group.task, group.lane, group.class, group.state, group.note, group.tenantId],
    ["send-mail", "send-mail", "error", "open", null, null],
  );
  assert.match(group.sample, /^no mailbox box-\d for card/);
  assert.equal((await posthorn.jobs.get(group.sampleJob)).status, "failed");

  const change = { state: "acknowledged", note: "the provider is down" } as const;
  const known = await posthorn.failures.update(fingerprint, change, { actor: "ana" });
  assert.deepEqual([known.state, known.note], [change.state, change.note]);
  const { data } = await posthorn.audit.list({ target: fingerprint });
  assert.deepEqual(
    data.map(({ action, actor, change: fields }) => [action, actor, fields]),
    [["failure.update", "ana", { state: ["open", "acknowledged"], note: [null, "the provider is down"] }]],
  );
  await assert.rejects(posthorn.failures.update(fingerprint, {}), /give at least one of the two/);
  await assert.rejects(posthorn.failures.get("0000000000000000"), /there is no failure group/);
  assert.deepEqual((await posthorn.failures.list({ state: "open" })).data, []);

  await posthorn.enqueue(mail, { to: "box-7" });
  await counted(12, fingerprint);
  const other = await posthorn.enqueue(mail, { to: "another" }, { lane: "other" });
  await groups(2);

  told.breaks = false;
  const request = { action: "rerun", filter: { fingerprint, status: "failed" }, ...AT_ONCE } as const;
  const { matched, failures } = await posthorn.bulk.preview(request);
  assert.deepEqual([matched.n, failures], [6, [{ fingerprint, n: 6 }]]);
  const { run } = await posthorn.bulk.start(request);
  await until("all of the group have succeeded", async () => {
    const { done, endedAt } = await posthorn.bulk.get(run.id);
    const succeeded = await posthorn.jobs.list({ status: "succeeded", tasks: ["send-mail"] });
    return endedAt !== null && done === 6 && succeeded.length === 6;
  });
  assert.equal((await posthorn.jobs.get(other.jobId)).status, "failed");

  await posthorn.failures.update(fingerprint, { state: "resolved" });
  told.breaks = true;
  await posthorn.enqueue(mail, { to: "box-8" });
  await until("it is open again", async () => (await posthorn.failures.get(fingerprint)).state === "open");
});

test("over HTTP a tenant's key sees the groups of its tenant alone, and its samples are redacted as errors are", async (t) => {
  const { posthorn, receiver, mail, holder, groups } = await setUp(t);
  const ids: string[] = [];
  for (const uid of ["acme", "other"]) {
    ids.push((await posthorn.webhooks.tenants.create({ uid })).id);
    await posthorn.webhooks.endpoints.create(uid, { url: receiver.url });
    await posthorn.webhooks.send({ tenant: uid, type: "a", payload: 1 });
  }
  await posthorn.enqueue(mail, { to: "box" });
  await groups(3);
  const [acme = "", other = ""] = ids;
  const admin = await holder({ name: "ops", role: "admin" });
  const bound = await holder({ name: "acme", role: "send", tenant: acme });
  const reader = await holder({ name: "reader", role: "read", payloads: "none" });
  const listed = async (ask: typeof admin, query = "") =>
    failurePage.parse(await (await ask("GET", `/failures${query}`)).json()).data;

  assert.equal((await listed(admin)).length, 3);
  const [own = assert.fail(), ...others] = await listed(bound);
  assert.deepEqual([others.length, own.tenant, own.class], [0, acme, "5xx"]);
  assert.deepEqual(await listed(admin, "?tenant=acme"), [own]);
  const [foreign = assert.fail()] = await listed(admin, `?tenant=${other}`);
  assert.equal((await bound("GET", `/failures?tenant=${other}`)).status, 404);
  assert.equal((await bound("GET", `/failures/${foreign.fingerprint}`)).status, 404);
  const patched = { state: "resolved" };
  assert.equal((await bound("PATCH", `/failures/${foreign.fingerprint}`, patched)).status, 404);
  assert.equal((await bound("PATCH", `/failures/${own.fingerprint}`, {})).status, 422);
  assert.equal((await bound("PATCH", `/failures/${own.fingerprint}`, { state: "gone" })).status, 422);
  const answer = await bound("PATCH", `/failures/${own.fingerprint}`, patched);
  assert.equal(failureAnswer.parse(await answer.json()).state, "resolved");
  assert.equal((await reader("PATCH", `/failures/${own.fingerprint}`, patched)).status, 403);

  const [hidden = assert.fail()] = await listed(reader, "?task=send-mail");
  assert.doesNotMatch(hidden.sample, /mailbox/);
  const [first = assert.fail()] = (await listed(admin, "?limit=1")) ?? [];
  const page = failurePage.parse(await (await admin("GET", "/failures?limit=1")).json());
  const next = failurePage.parse(await (await admin("GET", `/failures?cursor=${page.next_cursor}`)).json());
  assert.deepEqual([first.fingerprint, next.data.length], [page.data[0]?.fingerprint, 2]);
  assert.equal((await admin("GET", "/failures?cursor=nonsense")).status, 422);
  const kept = await listed(admin, "?class=error&state=open&since=2026-01-01T00:00:00Z");
  assert.equal(kept.length, 1);

  const full = await holder({ name: "full", role: "admin", payloads: "full" });
  const redacted = await holder({ name: "redacted", role: "admin", payloads: "redacted" });
  const found = async (ask: typeof admin, text: string) =>
    (await listed(ask, `?text=${encodeURIComponent(text)}`)).map(({ task: of }) => of);
  for (const ask of [full, redacted]) assert.deepEqual(await found(ask, "NO MAILBOX"), ["send-mail"]);
  assert.deepEqual(await found(full, "no such error"), []);
  assert.equal((await reader("GET", "/failures?text=mailbox")).status, 422);
  const refused = { since: "2030", first_since: "03/04/2030", text: "x".repeat(201) };
  for (const [name, value] of Object.entries(refused)) {
    const answer = await full("GET", `/failures?${name}=${value}`);
    assert.equal(answer.status, 422, name);
    assert.match(await answer.text(), new RegExp(`"parameter":"${name}"`));
  }
  await assert.rejects(posthorn.failures.list({ text: refused.text }), /text: must be a string of 1 to 200/);
  const [{ first_at } = assert.fail()] = await listed(full, "?task=send-mail");
  assert.equal((await listed(full, `?task=send-mail&first_since=${first_at}`)).length, 1);
  const after = new Date(Date.parse(first_at) + 1).toISOString();
  assert.equal((await listed(full, `?task=send-mail&first_since=${after}`)).length, 0);

  const hidesAll = await holder({ name: "ops", role: "manage", payloads: "none" });
  const request = { action: "rerun", filter: { task: "send-mail" }, dry_run: true };
  const seen = bulkPreview.parse(await (await hidesAll("POST", "/bulk", request)).json());
  assert.deepEqual(seen.samples, [hidden.sample_job], "ids are no content");
});

test("failures that are too many to tell apart are one group that says so", async (t) => {
  const { posthorn, mail } = await setUp(t);
  const letters = (n: number) => String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26));
  for (let n = 0; n < 60; n++) await posthorn.enqueue(mail, { to: letters(n) });
  const rest = await until("the rest is counted", async () => {
    const { data } = await posthorn.failures.list({ limit: 100 });
    const found = data.filter(({ isRest }) => isRest);
    return data.length > 50 && found[0]?.n === 20 ? found : undefined;
  });
  assert.deepEqual(
    rest.map(({ task, lane, class: kind, isRest }) => [task, lane, kind, isRest]),
    [["send-mail", "send-mail", "error", true]],
  );
  const of = { fingerprint: rest[0]?.fingerprint ?? "", status: "failed" } as const;
  assert.equal((await posthorn.bulk.preview({ action: "rerun", filter: of })).matched.n, 0);
});

test("the command line lists groups and sets their states", async (t) => {
  const { posthorn, mail, groups, database } = await setUp(t);
  await posthorn.enqueue(mail, { to: "box" });
  const [{ fingerprint } = assert.fail()] = await groups(1);
  const failures = async (...argv: string[]) =>
    (await ran(["failures", ...argv, "--database", database], { POSTHORN_MASTER_KEY: MASTER_KEY })).stdout;
  assert.match(await failures("list", "--state", "open"), new RegExp(`^${fingerprint} .*send-mail`, "m"));
  assert.match(await failures("list", "--text", "Mailbox"), new RegExp(`^${fingerprint} `, "m"));
  assert.doesNotMatch(await failures("list", "--first-since", "2999-01-01T00:00:00Z"), /send-mail/);
  await failures("update", fingerprint, "state=resolved", "note=moved");
  assert.match(await failures("show", fingerprint), /"note":"moved"/);
});
