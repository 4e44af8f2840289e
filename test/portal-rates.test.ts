import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../src/core/clock.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";

test("a session of the portal that asks for too much has to wait, by either API; a key of the server's own does not", async (t) => {
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(204, ""));
  const { posthorn, api } = await serveHere(t, {}, { clock: new ManualClock(Date.now()) });
  const { webhooks } = posthorn;
  await webhooks.tenants.create({ uid: "acme" });
  const { endpoint } = await webhooks.endpoints.create("acme", { url: receiver.url });
  const { token } = await webhooks.portal.create("acme");
  const session = { authorization: `Bearer ${token}` };
  const statusesOf = async (path: string, n: number, body: unknown) => {
    const statuses: number[] = [];
    for (let at = 0; at < n; at++) statuses.push((await api.post(path, body, session)).status);
    return statuses;
  };

  const place = `/tenants/acme/endpoints/${endpoint.id}`;
  const tests = await statusesOf(`${place}/test`, 31, {});
  assert.deepEqual([new Set(tests.slice(0, 30)), tests[30]], [new Set([200]), 429]);
  assert.equal(receiver.ledger.length, 30, "what was refused was not sent");
  const refused = await api.post(`${place}/test`, {}, session);
  assert.equal(refused.headers.get("retry-after"), "2");
  assert.match(refused.text, /too many examples were asked for; try again shortly/);
  assert.equal((await api.post(`${place}/test`, {})).status, 200, "without a session");

  const asked = await statusesOf(`${place}/verify`, 121, {});
  assert.deepEqual(
    [new Set(asked.slice(0, 120)), asked[120]],
    [new Set([409]), 429],
    "it has no verification",
  );

  const previews = await statusesOf(`${place}/replay`, 30, { since: "1h", what: "missing", dry_run: true });
  assert.deepEqual(new Set(previews), new Set([200]));
  const [recover] = await statusesOf(`/api/v1/app/acme/endpoint/${endpoint.id}/recover`, 1, {
    since: "2026-01-01T00:00:00Z",
  });
  assert.equal(recover, 429, "both APIs count together");
});
