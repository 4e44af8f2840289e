import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { createApp } from "../../src/http/app.ts";
import { open } from "./posthorn.ts";
import { Receiver } from "./receiver.ts";

/** A Posthorn with its API in dev mode, who asks it, and a receiver. */
export async function platformApi(t: TestContext) {
  const posthorn = await open(t, {
    allowTargets: ["127.0.0.1"],
    masterKey: Buffer.alloc(32, 7).toString("base64"),
  });
  const receiver = await Receiver.start(t);
  const app = createApp(posthorn, { access: { mode: "dev" }, clock: systemClock });
  const ask = async (request: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = "", path = ""] = request.split(" ");
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const init =
      text === undefined
        ? { method, headers }
        : { method, headers: { "content-type": "application/json", ...headers }, body: text };
    return app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
  };
  const get = async (path: string): Promise<unknown> => {
    const answer = await ask(`GET ${path}`);
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  return { posthorn, receiver, ask, get, url: receiver.url };
}
