import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { createApp } from "../src/http/app.ts";
import { storeOf } from "../src/store/store-of.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";

test("Svix's API judges spans by Posthorn's clock, not by this machine's", async (t) => {
  const posthorn = await openTestPosthorn({ now: "2090-01-31T00:00:00Z" });
  t.after(() => posthorn.close());
  const { clock } = posthorn;
  const { id } = await posthorn.webhooks.endpoints
    .create("acme", { url: "https://hooks.example.com/in" })
    .then(({ endpoint }) => endpoint);
  const keys = new Keys(storeOf(posthorn).keys, clock);
  const { token } = await keys.create({ name: "app", role: "admin" });
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock });
  const ask = async (path: string, body?: unknown) => {
    const init = { headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } };
    const sent = body === undefined ? init : { ...init, method: "POST", body: JSON.stringify(body) };
    return (await app.fetch(new Request(`http://127.0.0.1/api/v1/app/acme/endpoint/${id}/${path}`, sent)))
      .status;
  };
  assert.equal(await ask("recover", { since: "2090-01-16T00:00:00Z" }), 422, "more than 14 days ago");
  assert.equal(await ask("recover", { since: "2090-01-18T00:00:00Z" }), 202);
  assert.equal(await ask("attempt-stats?since=2090-01-30T00:00:00Z"), 200, "it does not lie ahead");
});
