// What a small application does with the package, in one file: it is compiled, bundled and run by everything in the matrix.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openPosthorn, type Posthorn, request, task } from "posthorn";
import { toNodeHandler } from "posthorn/node";
import { verify } from "posthorn/receiver";

const { DATABASE = "trial.db", THREAD } = process.env;

const double = task<number, number>("double", { run: (n) => n * 2, retry: { attempts: 2 } });
const square = task<number, number>("square", THREAD === undefined ? {} : { thread: THREAD });
// waits for a worker elsewhere
const elsewhere = task<number>("elsewhere");

async function main(): Promise<void> {
  const posthorn = await openPosthorn({
    database: DATABASE,
    tasks: [double, elsewhere, ...(THREAD === undefined ? [] : [square])],
    allowTargets: ["127.0.0.1"],
  });
  try {
    await runsTasks(posthorn);
    await delivers(posthorn);
    await servesTheApi(posthorn);
    if (process.env.SEARCH !== "none") await searches(posthorn);
  } finally {
    await posthorn.close();
  }
}

async function runsTasks(posthorn: Posthorn): Promise<void> {
  const { jobId } = await posthorn.enqueue(double, 21);
  const { result } = await posthorn.result(double, jobId, "30s");
  assert.equal(result satisfies number | null, 42);
  if (THREAD === undefined) return;
  const squared = await posthorn.enqueue(square, 9);
  const job = await posthorn.result(square, squared.jobId, "30s");
  assert.equal(job.result, 81, String(job.error));
}

/** A payload arrives byte for byte, with a signature that verifies. */
async function delivers(posthorn: Posthorn): Promise<void> {
  const received = Promise.withResolvers<string>();
  const receiver = createServer(async (message, response) => {
    let body = "";
    for await (const chunk of message.setEncoding("utf8")) body += chunk;
    try {
      verify(body, message.headers, posthorn.signingSecret());
      received.resolve(body);
    } catch (error) {
      received.reject(error);
    }
    response.end();
  });
  await posthorn.webhooks.deliver({ targetUrl: await listening(receiver), payload: { paid: true } });
  assert.equal(await received.promise, '{"paid":true}');
  receiver.close();
}

async function servesTheApi(posthorn: Posthorn): Promise<void> {
  const server = createServer(toNodeHandler(posthorn, { access: "dev" }));
  const url = await listening(server);
  const page = await fetch(`${url}/docs`);
  assert.match(await page.text(), /<html/);
  const description = (await (await fetch(`${url}/openapi.json`)).json()) as { openapi: string };
  assert.match(description.openapi, /^3\.1/);
  server.close();
  server.closeAllConnections();
}

/** Through more jobs than the process looks at by itself: the rest is for a thread. */
async function searches(posthorn: Posthorn): Promise<void> {
  await posthorn.enqueueMany(Array.from({ length: 4_000 }, (_, n) => request(elsewhere, n)));
  const { jobs, searchedTo } = await posthorn.jobs.page({ tasks: ["double"] }, { limit: 5 });
  const found = process.env.SEARCH === "short" ? [0, false] : [1, true];
  assert.deepEqual([jobs.length, searchedTo === null], found);
}

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

main().then(
  () => console.log("ok"),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
