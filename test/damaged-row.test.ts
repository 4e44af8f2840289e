import assert from "node:assert/strict";
import { test } from "node:test";
import { taskJobPage } from "../src/http/schemas/task-job.ts";
import { Receiver } from "./support/receiver.ts";
import { openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";

test("a damaged row is shown without what cannot be read, and takes no page with it", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t);
  const server = await Server.start(t, database);
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push(await server.api.deliver({ target_url: receiver.url, payload: n }));
  for (const id of ids) await server.api.becomes(id, "succeeded");
  const raw = openRaw(t, database);
  raw.exec("update finished set result = '{{', finished_at = 8640000000000001 where job = 2");
  raw.exec("update jobs set options = '{', ties = '{', tags = '[' where seq = 2");

  const list = await server.api.ask("GET", "/jobs");
  assert.equal(list.status, 200);
  const { data } = taskJobPage.parse(JSON.parse(list.text));
  assert.deepEqual(
    data.map(({ job_id, result, target_url }) => [job_id, result === null, target_url === null]),
    [
      [ids[2], false, false],
      [ids[1], true, true],
      [ids[0], false, false],
    ],
  );
  assert.equal((await server.api.ask("GET", `/jobs/${ids[1]}`)).status, 200);
  assert.equal((await server.api.ask("GET", "/webhooks/jobs")).status, 200);

  const [later, last] = [
    await server.api.deliver({ target_url: receiver.url, payload: 3, delay: "1h" }),
    await server.api.deliver({ target_url: receiver.url, payload: 4, delay: "1h" }),
  ];
  raw.exec(`update jobs set ties = '{', tags = '[' where id = '${later}'; update scheduled set run_at = 0`);
  for (const id of [later, last]) await server.api.becomes(id, "succeeded");
});
