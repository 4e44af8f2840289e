import { createHmac } from "node:crypto";
import type { Posthorn } from "posthorn";
import { createApp } from "./app.js";
import { POSTHORN } from "./posthorn.module.js";
import { sendReceipt } from "./tasks.js";

/** Runs the application of docs/nestjs.md: a request, its job, the API that is mounted, a webhook that is signed and one that is not. */
async function main(): Promise<void> {
  const app = await createApp();
  const posthorn = app.get<Posthorn>(POSTHORN);
  await app.listen(0, "127.0.0.1");
  const url = await app.getUrl();
  const paid = await fetch(`${url}/orders/42/pay`, { method: "POST" });
  const { jobId } = (await paid.json()) as { jobId: string };
  const { result } = await posthorn.result(sendReceipt, jobId, "20s");
  if (result?.sent !== "receipt for 42") throw new Error(JSON.stringify(result));
  const seen = await fetch(`${url}/background/jobs/${jobId}`);
  const viewed = await fetch(`${url}/orders/42/view`, { method: "POST" });
  const forged = await fetch(`${url}/hooks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  if (seen.status !== 200 || viewed.status !== 201 || forged.status !== 401)
    throw new Error(`${seen.status}, ${viewed.status}, ${forged.status}`);
  const body = '{ "orderId": "42" }';
  const received = await fetch(`${url}/hooks`, { method: "POST", headers: signed(body), body });
  if (received.status !== 200) throw new Error(await received.text());
  await app.close();
  console.log("ok");
}

function signed(body: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from((process.env.WEBHOOK_SECRET ?? "").slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`msg_1.${timestamp}.${body}`).digest("base64");
  return {
    "content-type": "application/json",
    "webhook-id": "msg_1",
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
    "webhook-event-type": "order.paid",
  };
}

void main();
