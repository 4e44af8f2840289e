import "reflect-metadata";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Test } from "@nestjs/testing";
import { openTestPosthorn, type TestPosthorn } from "posthorn/testing";
import { AppModule } from "./app.js";
import { OrdersController } from "./orders.module.js";
import { POSTHORN } from "./posthorn.module.js";
import { sendReceipt } from "./tasks.js";

test("an order that is paid sends a receipt and a webhook", async () => {
  const app = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(POSTHORN)
    .useFactory({ factory: () => openTestPosthorn() })
    .compile();
  const posthorn = app.get<TestPosthorn>(POSTHORN);
  await posthorn.webhooks.endpoints.create("acme", { url: "https://acme.example/hooks" });

  const { jobId } = await app.get(OrdersController).pay("42");
  assert.deepEqual(await posthorn.drain(), { succeeded: 2, failed: 0, queued: 0 });

  assert.deepEqual((await posthorn.result(sendReceipt, jobId)).result, { sent: "receipt for 42" });
  assert.deepEqual(
    posthorn.deliveries().map(({ payload }) => payload),
    [{ orderId: "42" }],
  );
  await app.close();
});
