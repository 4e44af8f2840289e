import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { systemClock } from "../src/core/clock.ts";
import { Audit } from "../src/engine/audit/audit.ts";
import { createApp } from "../src/http/app.ts";
import { instrumentOf } from "../src/observe/instrument.ts";
import { createLog } from "../src/observe/log.ts";
import { openPosthorn } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const PROXY_PASSWORD = "pr0xy-passw0rd";
/** What they send, and what is answered: under a name that says that it is secret. */
const PAYLOAD = { n: 12345, password: "payl0ad-s3cret", deep: [{ api_key: "payl0ad-s3cret" }] };
const ANSWER = JSON.stringify({ seen: true, token: "answ3r-s3cret" });

/** What shows a secret on purpose: once when it is made, or to someone who asks for it, which is in the audit. */
const SHOWN_ON_PURPOSE = ["getEndpointSecret"];

interface Described {
  readonly operationId: string;
}

test("keys, codes and tokens of the portal, secrets of endpoints and proxies' passwords are shown where they are made, and nowhere else; what is redacted is redacted everywhere", async (t) => {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path.startsWith("/in") ? 200 : 500, ANSWER),
  );
  const lines: string[] = [];
  const database = scratchDatabase();
  const posthorn = await openPosthorn({
    ...{ database, masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"], drainTimeout: 0 },
    log: createLog({ destination: { write: (line) => void lines.push(line) } }),
    egressProxies: { away: `http://ann:${PROXY_PASSWORD}@127.0.0.1:9` },
  });
  t.after(() => posthorn.close());
  const store = storeOf(posthorn);
  const audit = new Audit({ shelf: store.audit, clock: systemClock, instrument: instrumentOf(posthorn) });
  const keys = new Keys(store.keys, systemClock, audit);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const { token: admin } = await keys.create({ name: "ops", role: "admin" });
  const { token: redacted } = await keys.create({ name: "viewer", role: "admin", payloads: "redacted" });

  /** All that was answered where no secret is meant to be shown. */
  const answers: string[] = [];
  const ask = async (method: string, path: string, body?: unknown, more: object = {}) => {
    const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json", ...more };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const answer = await app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
    const head = `${path} ${answer.status} ${JSON.stringify([...answer.headers])}`;
    if (answer.headers.get("content-type")?.startsWith("text/event-stream")) {
      const reader = answer.body?.getReader();
      const first = await reader?.read();
      await reader?.cancel();
      return { head, text: Buffer.from(first?.value ?? []).toString(), answer };
    }
    return { head, text: await answer.clone().text(), answer };
  };
  const said = async (...asked: Parameters<typeof ask>) => {
    const { head, text } = await ask(...asked);
    answers.push(head, text);
    return JSON.parse(text) as Record<string, string>; // as its description says
  };
  /** An answer that shows a secret on purpose: that secret. */
  const reveals = async (member: string, ...asked: Parameters<typeof ask>) => {
    const { text, answer } = await ask(...asked);
    assert.ok(answer.ok, text);
    const { [member]: secret, ...rest } = JSON.parse(text) as Record<string, string>; // as above
    assert.ok(secret, text);
    answers.push(JSON.stringify(rest));
    return secret;
  };

  // everything that has a secret
  await said("POST", "/tenants", { uid: "acme" });
  const make = (path: string, egress?: string) =>
    said("POST", "/tenants/acme/endpoints", {
      ...{ uid: path.slice(1), url: receiver.url + path, retry: { attempts: 1 } },
      ...(egress && { egress }),
    });
  for (const [path, egress] of [["/in"], ["/error"], ["/away", "away"]] as const) await make(path, egress);
  const at = "/tenants/acme/endpoints/in";
  const first = await reveals("secret", "GET", `${at}/secret`);
  const again = { "idempotency-key": "rotation-1" };
  const rotated = await reveals("secret", "POST", `${at}/secret/rotate`, {}, again);
  assert.equal(await reveals("secret", "POST", `${at}/secret/rotate`, {}, again), rotated);
  const madeKey = await reveals("token", "POST", "/keys", { name: "third", role: "read" });
  const portal = await posthorn.webhooks.portal.create("acme", { sessionId: "theirs" });
  const { answer: begun } = await ask("POST", "/tenants/acme/portal-sessions", { session_id: "others" });
  const { token: session, url, ...rest } = (await begun.json()) as Record<string, string>; // as its description says
  answers.push(JSON.stringify(rest));
  const signIn = await ask("POST", "/console/session", { key: admin }, { "sec-fetch-site": "same-origin" });
  const cookie = signIn.answer.headers.get("set-cookie")?.split(";", 1)[0]?.split("=", 2)[1] ?? "";
  answers.push(signIn.text);
  await said("POST", "/webhooks/events", { tenant: "acme", type: "a", payload: PAYLOAD, event_id: "one" });
  await said("POST", "/webhooks/deliver", {
    target_url: `${receiver.url}/in?token=payl0ad-s3cret`,
    payload: PAYLOAD,
  });
  await until(
    "all have ended",
    async () => (await posthorn.jobs.list({ status: ["succeeded", "failed"] })).length === 4,
  );
  await said("POST", `${at}/test`, {});
  await said("POST", "/bulk", { action: "redeliver", filter: { status: "failed" }, dry_run: true });

  // wherever it could be
  const [job] = await posthorn.jobs.list({ status: "failed", class: "5xx" });
  const [attempt] = (await posthorn.webhooks.attempts.ofEndpoint("acme", "error")).data;
  const { run } = await posthorn.bulk.start({
    action: "rerun",
    filter: { status: "failed" },
    startsIn: "1h",
  });
  const places: Readonly<Record<string, string>> = {
    ...{ tenant: "acme", endpoint: "error", event: job?.eventId ?? "", job_id: job?.id ?? "" },
    ...{ attempt: attempt?.id ?? "", bulk_run: run.id, session_id: "theirs" },
  };
  const { text: description } = await ask("GET", "/openapi.json");
  const { paths } = JSON.parse(description) as { paths: Record<string, Record<string, Described>> }; // as openapi.test.ts shows
  const looks = Object.entries(paths)
    .filter(([, { get }]) => get && !SHOWN_ON_PURPOSE.includes(get.operationId))
    .map(([path]) => path.replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? "x"));
  const app0 = "/api/v1/app/acme";
  looks.push(
    "/console",
    "/console/session",
    `/webhooks/events/${places.event}/jobs`,
    `/jobs/${job?.id}/events`,
  );
  looks.push(
    `${app0}/msg`,
    `${app0}/msg/${places.event}`,
    `${app0}/msg/${places.event}/attempt`,
    `${app0}/endpoint`,
  );
  looks.push(`${app0}/endpoint/error/headers`, `${app0}/attempt/endpoint/error`, `/jobs?status=failed`);
  const shownRedacted: string[] = [];
  for (const path of looks) {
    const { head, text } = await ask("GET", path);
    answers.push(head, text);
    const shown = await ask("GET", path, undefined, { authorization: `Bearer ${redacted}` });
    shownRedacted.push(shown.head, shown.text);
  }
  const preview = { action: "redeliver", filter: { status: "failed" }, dry_run: true };
  const bulk = await ask("POST", "/bulk", preview, { authorization: `Bearer ${redacted}` });
  shownRedacted.push(bulk.head, bulk.text);

  const told = JSON.stringify(await posthorn.audit.list({ limit: 250 }));
  const exported = await ran(["export", "--database", database, "--out", "-", "--live"]);
  assert.match(exported.stdout, /payl0ad-s3cret/, "what is sent is exported as it is");
  const codes = [portal.token, session ?? "", url?.split("#s=")[1] ?? ""];
  const secrets = [first, rotated, admin, redacted, madeKey, ...codes, cookie, PROXY_PASSWORD];
  assert.ok(
    secrets.every((secret) => secret.length > 10),
    JSON.stringify(secrets.map((each) => each.length)),
  );
  for (const [where, texts] of [
    ["an answer", [...answers, ...shownRedacted]],
    ["the log", lines],
    ["the audit", [told]],
    ["the export", [exported.stdout, exported.stderr]],
  ] as const)
    for (const secret of secrets)
      assert.deepEqual(
        texts.filter((text) => text.includes(secret.replace(/^wh\w+?_/, ""))),
        [],
        `in ${where}`,
      );
  for (const file of [database, `${database}-wal`].filter(existsSync)) {
    const bytes = readFileSync(file);
    for (const secret of secrets) assert.ok(!bytes.includes(secret.replace(/^wh\w+?_/, "")), file);
  }

  // what a key may see redacted alone it sees nowhere whole, while what is no secret is there
  const whole = answers.join("\n");
  for (const secret of ["payl0ad-s3cret", "answ3r-s3cret"]) {
    assert.ok(whole.includes(secret), "a key with full payloads sees it");
    assert.deepEqual(
      shownRedacted.filter((text) => text.includes(secret)),
      [],
    );
  }
  assert.ok(shownRedacted.some((text) => text.includes("12345")));
  assert.ok(!lines.join().includes("payl0ad-s3cret") && !told.includes("payl0ad-s3cret"));
});
