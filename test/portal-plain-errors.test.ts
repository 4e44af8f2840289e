import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { openPosthorn, silentLog } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { CAPABILITIES } from "../src/webhooks/portal/capabilities.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { scratchDatabase } from "./support/scratch.ts";

test("no answer tells a session of the portal what its endpoint's name resolves to, nor how the server is set up", async (t) => {
  const settings = {
    ...{ database: scratchDatabase(), worker: false, log: silentLog },
    masterKey: MASTER_KEY,
  };
  const allowing = await openPosthorn({ ...settings, allowTargets: ["localhost"] });
  const made = await allowing.webhooks.endpoints.create("acme", { url: "https://localhost:9/hooks" });
  await allowing.close();
  const posthorn = await openPosthorn(settings); // from now on the name leads to where nothing may be delivered
  t.after(() => posthorn.close());
  const keys = new Keys(storeOf(posthorn).keys, systemClock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const { token } = await posthorn.webhooks.portal.create("acme", { capabilities: CAPABILITIES });
  const { token: admin } = await keys.create({ name: "all", role: "admin" });
  const path = `/tenants/acme/endpoints/${made.endpoint.id}`;
  const ask = async (method: string, place: string, bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` };
    const answer = await app.fetch(new Request(`http://127.0.0.1:8000${place}`, { method, headers }));
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return text;
  };
  const { error } = await posthorn.webhooks.endpoints.test("acme", made.endpoint.id);
  assert.match(error ?? "", /--allow-targets/);
  const reason = `every delivery has failed for days; the last one: ${error}`; // as the breaker says it
  await posthorn.webhooks.endpoints.disable("acme", made.endpoint.id, {}, { actor: null, reason });

  for (const place of [path, "/tenants/acme/endpoints", `${path}/history`]) {
    assert.match(
      await ask("GET", place, admin),
      /--allow-targets/,
      `${place} tells those who run the server`,
    );
    const told = await ask("GET", place, token);
    assert.doesNotMatch(told, /allow-?targets|not public/i, place);
    assert.match(told, /is not an address that deliveries may be sent to/);
  }
  assert.doesNotMatch(await ask("POST", `${path}/test`, token), /allow-?targets|not public/i);
});
