import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Calls an app that has best-effort tasks at /orders and Posthorn's API below /background, and ends the process. */
export async function exercise(
  server: Server,
  ran: readonly string[],
  close: () => Promise<void>,
): Promise<void> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ordered = await fetch(`${url}/orders`, { method: "POST", body: "" });
  assert.equal(ordered.status, 201, await ordered.text());
  while (ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(ran, ["receipt for 42"]);
  const accepted = await fetch(`${url}/background/webhooks/deliver`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"target_url": "https://hooks.example.com/in", "payload": {"paid": true}}',
  });
  assert.equal(accepted.status, 202, await accepted.text());
  const place = String(accepted.headers.get("location"));
  assert.match(place, /^\/background\/webhooks\/jobs\/job_/);
  const job = await fetch(url + place);
  assert.equal(job.status, 200, await job.text());
  await close();
  console.log("ok");
  process.exit();
}
