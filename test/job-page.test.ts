import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { Keys, type Payloads } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import type { SentRequestAnswer } from "../src/http/schemas/sent-request.ts";
import type { StandingAnswer } from "../src/http/schemas/task-job.ts";
import { type Posthorn, task } from "../src/posthorn.ts";
import type { Role } from "../src/store/shelves/api-keys.ts";
import { storeOf } from "../src/store/store-of.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { gate, LONG, open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const MASTER = { masterKey: Buffer.alloc(32, 7).toString("base64"), allowTargets: ["127.0.0.1"] };
const SECRET = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;

/** Where pictures go that somebody wants to look at. */
const PICTURES = process.env.POSTHORN_JOB_PICTURES;

/** Asks with a key of that role. */
async function asking(posthorn: Posthorn, role: Role, payloads?: Payloads) {
  const keys = new Keys(storeOf(posthorn).keys, systemClock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const { token } = await keys.create({ name: role, role, ...(payloads && { payloads }) });
  return async <Answer>(path: string, method = "GET") => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await app.fetch(new Request(`http://127.0.0.1${path}`, { method, headers }));
    return { status: answer.status, body: (await answer.json()) as Answer };
  };
}

test("a live job's standing tells who runs it and until when, and what is before it", async (t) => {
  const held = gate();
  const slow = task("slow", { limits: { concurrency: 1 }, timeout: "1h", run: () => held.opens });
  const posthorn = await open(t, { ...MASTER, tasks: [slow] });
  t.after(() => held.open());
  const ask = await asking(posthorn, "read");
  const standingOf = async (id: string) => (await ask<StandingAnswer>(`/jobs/${id}/standing`)).body;

  const first = await posthorn.enqueue(slow, undefined);
  await until("it runs", async () => (await posthorn.jobs.get(first.jobId)).status === "running");
  const { worker_id, leased_at, times_out_at, ...running } = await standingOf(first.jobId);
  assert.equal(worker_id, (await posthorn.workers())[0]?.id);
  assert.equal(Date.parse(times_out_at ?? "") - Date.parse(leased_at ?? ""), 3_600_000);
  const lane = { lane_running: 1, lane_concurrency: 1, lane_rate: null, next_place_at: null };
  assert.deepEqual(running, { ...lane, before: null });

  await posthorn.enqueue(slow, undefined);
  const third = await posthorn.enqueue(slow, undefined);
  const waiting = { worker_id: null, leased_at: null, times_out_at: null };
  await until("the second waits before it", async () => (await standingOf(third.jobId)).before === 1);
  assert.deepEqual(await standingOf(third.jobId), { ...waiting, ...lane, before: 1 });
});

test("a job whose lane's rate is used up is told when the next one may start", async (t) => {
  const rare = task("rare", { limits: { rate: { limit: 1, per: "1h" } }, run: async () => {} });
  const posthorn = await open(t, { ...MASTER, tasks: [rare] });
  const ask = await asking(posthorn, "read");
  const first = await posthorn.enqueue(rare, undefined);
  await posthorn.jobs.waitUntilEnded(first.jobId, LONG);
  const { jobId } = await posthorn.enqueue(rare, undefined);
  const { body } = await ask<StandingAnswer>(`/jobs/${jobId}/standing`);
  assert.deepEqual(body.lane_rate, { limit: 1, per_ms: 3_600_000 });
  assert.ok(Date.parse(body.next_place_at ?? "") > Date.now());
});

test("a delivery's request is rebuilt without secrets; who may send gets it signed, which the audit tells", async (t) => {
  const posthorn = await open(t, { ...MASTER, worker: false });
  const payload = '{"n": 1.0, "text": "مرحبا"}';
  const { jobId } = await posthorn.webhooks.deliver({
    ...{ targetUrl: "http://127.0.0.1:9/in", secret: SECRET },
    ...{ payload: JSON.parse(payload), headers: { "x-api-key": "only-theirs" } },
  });
  const input = storeOf(posthorn).records.input(jobId);
  const path = `/jobs/${jobId}/request`;
  const read = await asking(posthorn, "read");
  const { body: seen } = await read<SentRequestAnswer>(path);
  const headerOf = ({ headers }: SentRequestAnswer, wanted: string) =>
    headers.find(({ name }) => name === wanted)?.value;
  assert.deepEqual(
    [headerOf(seen, "webhook-id"), headerOf(seen, "content-type")],
    [jobId, "application/json"],
  );
  assert.deepEqual([headerOf(seen, "webhook-signature"), headerOf(seen, "x-api-key")], [null, null]);
  assert.ok(!JSON.stringify(seen).includes("only-theirs"));
  assert.equal(seen.bytes, Buffer.byteLength((await input) ?? ""));
  assert.equal((await read(path, "POST")).status, 403);

  const send = await asking(posthorn, "send");
  const { body: signed } = await send<SentRequestAnswer>(path, "POST");
  assert.equal(headerOf(signed, "x-api-key"), null);
  const headers = signed.headers.flatMap(({ name, value }) => (value === null ? [] : [[name, value]]));
  new Webhook(SECRET).verify((await input) ?? "", Object.fromEntries(headers), { jsonParse: false });
  const { data } = await posthorn.audit.list();
  assert.deepEqual(
    data.map(({ actor, action, target }) => [actor, action, target]),
    [["send", "job.sign", jobId]],
  );

  const hidesAll = await asking(posthorn, "send", "none");
  for (const method of ["GET", "POST"])
    assert.equal((await hidesAll<SentRequestAnswer>(path, method)).body.bytes, null);
});

test("the request of an event's delivery has its endpoint's signature; without an endpoint there is none", async (t) => {
  const posthorn = await open(t, { ...MASTER, worker: false });
  await posthorn.webhooks.tenants.create({ uid: "acme" });
  const { endpoint } = await posthorn.webhooks.endpoints.create("acme", {
    ...{ uid: "main", url: "http://127.0.0.1:9/in", headers: { "x-own": "only-theirs" } },
  });
  await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: { id: 42 } });
  const [job] = await posthorn.jobs.list();
  assert.ok(job?.eventId);
  const send = await asking(posthorn, "send");
  const path = `/jobs/${job.id}/request`;
  const { body } = await send<SentRequestAnswer>(path, "POST");
  const headers = body.headers.flatMap(({ name, value }) => (value === null ? [] : [[name, value]]));
  assert.ok(!JSON.stringify(body).includes("only-theirs"));
  const { secret } = await posthorn.webhooks.endpoints.secret("acme", "main");
  new Webhook(secret).verify('{"id":42}', Object.fromEntries(headers), { jsonParse: false });
  await posthorn.webhooks.endpoints.delete("acme", endpoint.id);
  await until("the endpoint is gone", async () => (await send(path)).status === 409);
});

test("the steps of an attempt are told where one failed or made a connection, to those who run the server", async (t) => {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === "/well" ? 200 : 500),
  );
  const posthorn = await open(t, { ...MASTER, concurrency: 1 });
  const deliver = async (path: string) => {
    const given = { targetUrl: receiver.url + path, payload: 1, maxAttempts: 1 };
    const { jobId } = await posthorn.webhooks.deliver(given);
    await posthorn.jobs.waitUntilEnded(jobId, LONG);
    const [attempt] = await posthorn.jobs.attempts(jobId);
    return Object.keys(attempt?.timing ?? {});
  };
  assert.deepEqual(await deliver("/well"), ["connectMs", "firstByteMs"]);
  assert.deepEqual(await deliver("/well"), [], "over the same connection");
  assert.deepEqual(await deliver("/badly"), ["firstByteMs"]);
});

/** Answers that nobody should have to look at, and what has to be seen of them. */
const ODD: readonly (readonly [path: string, answer: string])[] = [
  ["/html", "<!doctype html><h1 onclick=alert(1)>502</h1><script>alert(1)</script>".repeat(40)],
  ["/binary", Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256)).toString("latin1")],
];

async function ended(t: TestContext, posthorn: Posthorn, url: string, payload: unknown, maxAttempts = 1) {
  const { jobId } = await posthorn.webhooks.deliver({ targetUrl: url, payload, maxAttempts });
  for (let n = 1; ; n++) {
    await until(`attempt ${n}`, async () => (await posthorn.jobs.attempts(jobId)).length >= n);
    if (n === maxAttempts) break;
    await until("it waits", async () => (await posthorn.jobs.get(jobId)).status === "queued");
    await posthorn.jobs.rerun(jobId);
  }
  await posthorn.jobs.waitUntilEnded(jobId, LONG, t.signal);
  return jobId;
}

test(
  "a job's page shows its steps and its request, however odd what was sent or answered",
  skipElsewhere,
  async (t) => {
    const receiver = await Receiver.start(t, (delivery) => {
      const answer = ODD.find(([path]) => path === delivery.path)?.[1] ?? "no";
      delivery.answer(502, answer);
    });
    const at = await ConsoleWithKeys.open(t, { worker: true });
    const { posthorn, page, watched } = at;
    const jobs = {
      tries: await ended(t, posthorn, `${receiver.url}/tries`, { n: 1 }, 10),
      large: await ended(t, posthorn, `${receiver.url}/large`, { rows: "x".repeat(2_000_000) }),
      arabic: await ended(t, posthorn, `${receiver.url}/arabic`, { اسم: "مرحبا بالعالم 🎺 ".repeat(30) }),
      html: await ended(t, posthorn, `${receiver.url}/html`, { n: 1 }),
      binary: await ended(t, posthorn, `${receiver.url}/binary`, { n: 1 }),
    };
    await at.signIn({ name: "ana", role: "send", payloads: "full" });
    for (const [name, jobId] of Object.entries(jobs)) {
      await watched.open(`/console/jobs/${jobId}`);
      await page.getByText("First byte").first().waitFor();
      await page.locator("[aria-label='What it is'] .payload pre").first().waitFor();
      await page.getByText("Request, rebuilt from the job").click();
      await page.getByText("webhook-timestamp").waitFor();
      const answers = page.getByText("What was answered");
      if (name === "html" || name === "binary") await answers.first().click();
      await watched.isWellMade(name, (theme, width) => picture(name, theme, width));
    }
    assert.equal(await page.locator(".timeline .status-failed").count(), 2, "the attempt, and its end");

    await watched.open(`/console/jobs/${jobs.tries}`);
    await page
      .getByText(/^Attempt \d+$/)
      .nth(9)
      .waitFor();
    await page.getByText("Request, rebuilt from the job").click();
    await page.getByRole("button", { name: "Sign for curl" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign", exact: true }).click();
    await page
      .getByRole("dialog")
      .getByText(/curl -g 'http.*webhook-signature: v1,/s)
      .waitFor();
    await watched.isWellMade("the signed request", (theme, width) => picture("signed", theme, width));

    await at.signIn({ name: "tom", role: "read" });
    await watched.open(`/console/jobs/${jobs.tries}`);
    await page.getByText("Request, rebuilt from the job").click();
    assert.equal(await page.getByRole("button", { name: "Sign for curl" }).isEnabled(), false);

    async function picture(name: string, theme: string, width: number): Promise<void> {
      if (PICTURES === undefined) return;
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `job-${name}-${theme}-${width}.png`), fullPage: true });
    }
  },
);
