import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { TargetPolicy } from "../targets/target-policy.ts";
import { httpReceiver } from "../test-kit/receiver.ts";
import { ScriptedResolver } from "../test-kit/scripted-resolver.ts";
import { Origins } from "./origins.ts";

const HOSTS = ["a.example", "b.example", "c.example", "d.example"] as const;
const resolver = new ScriptedResolver(Object.fromEntries(HOSTS.map((host) => [host, [["127.0.0.1"]]])));
const connect = new TargetPolicy({ allow: ["*.example"], resolver }).connector();

async function get(origins: Origins, origin: string): Promise<string> {
  const { body } = await origins.of(origin).request({ method: "POST", path: "/" });
  return body.text();
}

test("past the limit, the connections of the origin used least recently are closed", async () => {
  await using receiver = await httpReceiver((_request, response) => response.end("ok"));
  const origins = new Origins(() => connect, 4, 3);
  const originOf = (host: string) => `http://${host}:${receiver.port}`;
  for (const host of ["a.example", "b.example", "c.example", "a.example"]) await get(origins, originOf(host));
  assert.equal(receiver.connections, 3);
  await get(origins, originOf("d.example"));
  await get(origins, originOf("a.example"));
  assert.equal(origins.size, 3);
  assert.equal(receiver.connections, 4, "a.example kept its connection");
  await get(origins, originOf("b.example"));
  assert.equal(receiver.connections, 5, "b.example had to connect again");
  await origins.close();
});

test("an origin that has to leave finishes its requests first", async () => {
  const answers: (() => void)[] = [];
  await using receiver = await httpReceiver((_request, response) => answers.push(() => response.end("late")));
  const origins = new Origins(() => connect, 4, 1);
  const first = get(origins, `http://a.example:${receiver.port}`);
  const second = get(origins, `http://b.example:${receiver.port}`);
  assert.equal(origins.size, 1);
  while (answers.length < 2) await new Promise(setImmediate);
  for (const answer of answers) answer();
  assert.deepEqual(await Promise.all([first, second]), ["late", "late"]);
  await origins.close();
});

test("an origin whose last connection is gone is forgotten", async () => {
  await using receiver = await httpReceiver((_request, response) => {
    response.setHeader("connection", "close");
    response.end("ok");
  });
  const origins = new Origins(() => connect, 4);
  const pool = origins.of(`http://a.example:${receiver.port}`);
  const disconnected = once(pool, "disconnect");
  await get(origins, `http://a.example:${receiver.port}`);
  await disconnected;
  assert.equal(origins.size, 0);
  await origins.close();
});

test("an origin that cannot be connected is forgotten", async () => {
  const receiver = await httpReceiver(() => {});
  await receiver[Symbol.asyncDispose]();
  const origins = new Origins(() => connect, 4);
  await assert.rejects(get(origins, `http://a.example:${receiver.port}`), { code: "ECONNREFUSED" });
  await new Promise(setImmediate);
  assert.equal(origins.size, 0);
  await origins.close();
});
