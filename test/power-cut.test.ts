import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { acceptedId } from "./support/api.ts";
import { Receiver } from "./support/receiver.ts";
import { RecordedDisk, recording } from "./support/recorded-disk.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

const hasStrace = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;

const ENV = { POSTHORN_MASTER_KEY: Buffer.alloc(32, 7).toString("base64") };
const CLIENTS = 12;
const ACCEPTED = 160;
const ENDPOINTS = 3;
/** On average. */
const STEPS_BETWEEN_CUTS = 80;

test("whenever the power fails, and whatever the disk kept of what was not synced, all that was answered 202 is there", {
  skip: !hasStrace && "needs strace",
}, async (t) => {
  const database = scratchDatabase();
  const trace = `${database}.trace`;
  const receiver = await Receiver.start(t);
  const server = await Server.startUnder(t, recording(trace), ENV, "--database", database);
  for (let n = 0; n < ENDPOINTS; n++) {
    const made = await server.api.post("/tenants/acme/endpoints", { url: `${receiver.url}/${n}` });
    assert.equal(made.status, 201, made.text);
  }
  const [jobs, events] = [new Set<string>(), new Set<string>()];
  const client = async () => {
    while (jobs.size + events.size < ACCEPTED) {
      jobs.add(acceptedId(await server.api.submit({ target_url: receiver.url, payload: "a".repeat(2_000) })));
      const event = await server.api.post("/webhooks/events", { tenant: "acme", type: "a", payload: 1 });
      assert.equal(event.status, 202, event.text);
      events.add(JSON.parse(event.text).event_id);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  server.signal("SIGKILL");
  await server.ended();

  const disk = new RecordedDisk();
  const answered = { jobs: new Set<unknown>(), events: new Set<unknown>() };
  /** The database that a power cut now would leave. */
  const cut = () => {
    const copy = scratchDatabase();
    const kept = [0, 0.5, 1][randomInt(3)] ?? 0;
    for (const name of ["", "-wal"]) {
      const bytes = disk.left(database + name, () => Math.random() < kept);
      writeFileSync(copy + name, bytes);
    }
    const raw = openRaw(t, copy);
    assert.deepEqual(column(raw, "pragma integrity_check"), ["ok"]);
    const wholeEvents = `
      select e.id
      from events e
      where (select count(*) from jobs j where j.event = e.id) = ${ENDPOINTS}`;
    const there = {
      jobs: new Set(column(raw, "select id from jobs")),
      events: new Set(column(raw, wholeEvents)),
    };
    raw.close();
    assert.deepEqual(answered.jobs.difference(there.jobs), new Set());
    assert.deepEqual(answered.events.difference(there.events), new Set());
    return copy;
  };
  let steps = 0;
  for await (const happened of disk.play(trace)) {
    if (typeof happened !== "string") {
      const [, id = ""] = /"(?:job_id|event_id)":"(\w+)"/.exec(happened.sent) ?? [];
      if (jobs.has(id)) answered.jobs.add(id);
      if (events.has(id)) answered.events.add(id);
    }
    if (answered.jobs.size === 0 || steps-- > 0) continue;
    steps = randomInt(2 * STEPS_BETWEEN_CUTS);
    cut();
  }
  assert.deepEqual(answered, { jobs, events });

  const next = await Server.startWith(t, ENV, "--database", cut());
  await until("what is left is delivered", async () => {
    const live = await Promise.all([next.api.jobsThatAre("queued"), next.api.jobsThatAre("running")]);
    return live.flat().length === 0;
  });
  const came = new Map<string, Set<string>>();
  for (const { id, path } of receiver.ledger) came.set(id, (came.get(id) ?? new Set()).add(path));
  assert.ok([...jobs].every((id) => came.get(id)?.size === 1));
  assert.ok([...events].every((id) => came.get(id)?.size === ENDPOINTS));
});
