import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { statPoint, statsAnswer } from "../src/http/schemas/stats.ts";
import { serveHere } from "./support/in-process.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

test("the statistics agree with what was sent, live and in the database, also after a restart", async (t) => {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === "/gone" ? 410 : 200),
  );
  const { api, database, stop } = await serveHere(t);
  const stats = async (asked: string, from = api) =>
    statsAnswer.parse(JSON.parse((await from.ask("GET", asked)).text));
  const sumOf = (points: readonly { accepted: number; succeeded: number; failed: number }[]) =>
    points.reduce(
      (all, each) => [
        (all[0] ?? 0) + each.accepted,
        (all[1] ?? 0) + each.succeeded,
        (all[2] ?? 0) + each.failed,
      ],
      [0, 0, 0],
    );

  const live = await fetch(`${api.url}/stats/live`);
  assert.equal(live.headers.get("content-type"), "text/event-stream");
  for (const path of ["/", "/", "/gone"])
    await api.deliver({ target_url: `${receiver.url}${path}`, payload: 1 });
  const seen = [0, 0, 0];
  const reader = live.body?.getReader() ?? assert.fail();
  await until("the stream has told of all", async () => {
    const { value } = await reader.read();
    const ticks = new TextDecoder().decode(value).matchAll(/^event: tick\ndata: (.*)$/gm);
    const points = [...ticks].map(([, data = ""]) => statPoint.parse(JSON.parse(data)));
    for (const [at, count] of sumOf(points).entries()) seen[at] = (seen[at] ?? 0) + count;
    return seen.join() === "3,2,1";
  });
  await reader.cancel();
  await until(
    "the minute is written",
    async () => sumOf((await stats("/stats?span=1h")).points).join() === "3,2,1",
  );
  const { now, of } = await stats("/stats?span=1m");
  assert.equal(of, "process");
  assert.equal(now.workers, 1);
  assert.deepEqual(sumOf((await stats("/stats?span=1h&task=webhook.deliver")).points), [3, 2, 1]);
  assert.deepEqual(sumOf((await stats("/stats?span=1h&task=another")).points), [0, 0, 0]);
  assert.equal((await api.ask("GET", "/stats?span=2h")).status, 422);

  await stop();
  const again = await serveHere(t, { database });
  assert.deepEqual(sumOf((await stats("/stats?span=1h", again.api)).points), [3, 2, 1]);
});

test("a server that stops ends the streams of statistics, and opens no other", async (t) => {
  const app = createApp(await open(t), { access: { mode: "dev" }, clock: systemClock });
  const live = async () => app.fetch(new Request("http://127.0.0.1:8000/stats/live"));
  const reader = (await live()).body?.getReader() ?? assert.fail();
  app.stopWaiting();
  while (!(await reader.read()).done);
  assert.equal((await live()).status, 503);
});
