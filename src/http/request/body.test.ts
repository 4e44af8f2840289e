import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { OverloadedError } from "../../core/errors.ts";
import { BodyReader } from "./body.ts";

test("the bodies of all requests share the room there is, and give it back", async () => {
  const bodies = new BodyReader(10, 15);
  const app = new Hono();
  app.post("/", async (c) => {
    try {
      return c.text(String((await bodies.read(c)).byteLength));
    } finally {
      bodies.release(c);
    }
  });
  app.onError((error, c) => c.text(error instanceof OverloadedError ? "overloaded" : String(error), 503));
  const post = async (body: ReadableStream | string) =>
    (await app.request("/", { method: "POST", body, duplex: "half" })).text();

  const slow = new TransformStream<Uint8Array, Uint8Array>();
  const writer = slow.writable.getWriter();
  const first = post(slow.readable);
  await writer.write(new Uint8Array(8)); // it is taken, so the reader has it
  assert.equal(await post("x".repeat(8)), "overloaded");
  assert.equal(await post("x".repeat(7)), "7");
  await writer.close();
  assert.equal(await first, "8");
  assert.equal(await post("x".repeat(10)), "10");
});
