import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../src/client/client.ts";
import { InvalidInputError, task } from "../src/posthorn.ts";
import { serveHere } from "./support/in-process.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const ID = "job_01k9zq3v7n8r2m4w6x8y0z1a3b";

test("a job says which one it is a copy of, next to the trace that it belongs to", async (t) => {
  const greet = task("greet", { run: async () => {} });
  const { posthorn, api } = await serveHere(t, { tasks: [greet], worker: false });
  const client = createClient<{ greet: typeof greet }>({ url: api.url });
  const target = "http://127.0.0.1:9/";
  const trace = { traceparent: TRACEPARENT };

  const { jobId: original } = await posthorn.enqueue(greet, undefined, { trace });
  const { copyOf: none } = await posthorn.jobs.get(original);
  assert.equal(none, null);
  const copies = [
    await posthorn.enqueue(greet, undefined, { copyOf: original, trace }),
    await posthorn.webhooks.deliver({ targetUrl: target, payload: 1, copyOf: original, trace }),
    await client.enqueue("greet", undefined, { copyOf: original }),
    await client.deliver({ targetUrl: target, payload: 1, copyOf: original }),
  ];
  for (const [n, { jobId }] of copies.entries()) {
    const { copyOf, traceId } = await posthorn.jobs.get(jobId);
    assert.equal(copyOf, original);
    assert.equal(traceId, n < 2 ? TRACEPARENT.split("-")[1] : null);
    assert.equal((await client.job(jobId)).copyOf, original);
  }

  for (const copyOf of ["job_1", "ep_01k9zq3v7n8r2m4w6x8y0z1a3b", "", 7 as never]) {
    const refused = (error: unknown) =>
      error instanceof InvalidInputError && error.problems.some(({ path }) => path.includes("copyOf"));
    await assert.rejects(posthorn.enqueue(greet, undefined, { copyOf, trace }), refused, `${copyOf}`);
    await assert.rejects(posthorn.webhooks.deliver({ targetUrl: target, payload: 1, copyOf }), refused);
  }
  for (const [path, body, field] of [
    ["/tasks/greet", { options: { copy_of: "job_1" } }, /options\.copy_of/],
    ["/webhooks/deliver", { target_url: target, payload: 1, copy_of: "job_1" }, /copy_of/],
  ] as const) {
    const { status, text } = await api.ask("POST", path, body);
    assert.equal(status, 422, text);
    assert.match(text, field);
  }
  // what it is a copy of may be gone, and nobody learns from the answer whether it is there
  const orphan = await api.ask("POST", "/webhooks/deliver", { target_url: target, payload: 1, copy_of: ID });
  assert.equal(orphan.status, 202, orphan.text);
});
