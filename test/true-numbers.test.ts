import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { countOf, type Sample, samplesIn } from "./support/metrics.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

const MASTER_KEY = Buffer.alloc(32, 3).toString("base64");

interface Numbers {
  readonly accepted: number;
  readonly succeeded: number;
  readonly failed: number;
}

interface Failed {
  readonly n: number;
  readonly hourly: readonly number[];
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

async function agree(t: TestContext, database: string): Promise<void> {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === "/gone" ? 410 : 200),
  );
  const env = { POSTHORN_MASTER_KEY: MASTER_KEY, POSTHORN_DATABASE: database };
  const one = await Server.startWith(t, env);
  const other = await Server.startWith(t, env);
  await one.api.ask("PUT", "/tenants/acme", {});
  await one.api.ask("PUT", "/tenants/acme/endpoints/main", { url: `${receiver.url}/main` });
  let accepted = 0;
  const send = async (servers: readonly Server[], count: number) => {
    await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const { api } = servers[n % servers.length] ?? assert.fail();
        const path = n % 5 === 0 ? "/gone" : "/well";
        if (n % 5 === 1) await api.ask("POST", "/webhooks/events", { tenant: "acme", type: "a", payload: n });
        else await api.deliver({ target_url: receiver.url + path, payload: n });
        accepted++;
      }),
    );
  };
  /** What arrived, as its receiver wrote it down. */
  const ledger = (): Numbers => {
    const failed = receiver.ledger.filter(({ path }) => path === "/gone").length;
    return { accepted, succeeded: receiver.ledger.length - failed, failed };
  };
  const metricsOf = async (server: Server) =>
    samplesIn((await server.api.ask("GET", "/metrics")).text, false);
  const counted = (samples: readonly Sample[]): Numbers => ({
    accepted: countOf(samples, "posthorn_jobs_accepted_total"),
    succeeded: countOf(samples, "posthorn_jobs_finished_total", { status: "succeeded" }),
    failed: countOf(samples, "posthorn_jobs_finished_total", { status: "failed" }),
  });
  const statistics = async (): Promise<Numbers> => {
    const { points } = JSON.parse((await one.api.ask("GET", "/stats?span=1h")).text) as { points: Numbers[] };
    const sum = (series: keyof Numbers) => sumOf(points.map((point) => point[series]));
    return { accepted: sum("accepted"), succeeded: sum("succeeded"), failed: sum("failed") };
  };
  const endpointStatistics = async (): Promise<number> => {
    const { text } = await one.api.ask("GET", "/tenants/acme/endpoints/main/stats");
    const { points } = JSON.parse(text) as { points: Pick<Numbers, "succeeded">[] };
    const succeeded = sumOf(points.map((point) => point.succeeded));
    const { data } = JSON.parse((await one.api.ask("GET", "/tenants/acme/endpoints?stats=24h")).text) as {
      data: { stats: Pick<Numbers, "succeeded"> & { attempt_ms: Record<"p50" | "p95", number> | null } }[];
    };
    // the list was asked for a moment later
    assert.ok(data.length === 1 && data[0] && data[0].stats.succeeded >= succeeded);
    const { attempt_ms } = data[0].stats;
    if (succeeded > 0) assert.ok(attempt_ms && attempt_ms.p95 >= attempt_ms.p50 && attempt_ms.p50 > 0);
    return succeeded;
  };
  const atEndpoint = () => receiver.ledger.filter(({ path }) => path === "/main").length;
  const failures = async (): Promise<number> => {
    const { data } = JSON.parse((await one.api.ask("GET", "/failures")).text) as { data: Failed[] };
    assert.deepEqual(
      data.map(({ hourly }) => sumOf(hourly)),
      data.map(({ n }) => n),
    ); // and over the hours
    return sumOf(data.map(({ n }) => n));
  };
  const isWritten = async () => isAll(await statistics()) && (await endpointStatistics()) === atEndpoint();
  const isAll = ({ succeeded, failed }: Numbers) => succeeded + failed === accepted;

  await send([one, other], 60);
  await until("the statistics have all", isWritten);
  await until("the failures are counted", async () => (await failures()) === ledger().failed);
  const last = await metricsOf(other);
  assert.deepEqual(counted([...(await metricsOf(one)), ...last]), ledger());
  assert.deepEqual(await statistics(), ledger());
  for (const outcome of ["succeeded", "failed"] as const)
    assert.equal(
      countOf([...(await metricsOf(one)), ...last], "posthorn_attempts_total", { outcome }),
      ledger()[outcome],
    );

  // what it had reported stays; what a scrape has seen of it is true
  other.signal("SIGKILL");
  assert.equal(await other.ended(), "SIGKILL");
  await send([one], 20);
  await until("the statistics have all", isWritten);
  await until("the failures are counted", async () => (await failures()) === ledger().failed);
  assert.deepEqual(counted([...(await metricsOf(one)), ...last]), ledger());
  assert.deepEqual(await statistics(), ledger());
  assert.equal(atEndpoint(), 16);
  assert.deepEqual(ledger(), { accepted: 80, succeeded: 64, failed: 16 });
}

describe("metrics of all processes summed, statistics, failures and the receivers' ledger agree to the last job, through a kill", () => {
  const server = scratchServer();

  test("on SQLite", (t) => agree(t, scratchDatabase()));

  test("on PostgreSQL", async (t) => agree(t, await server.newDatabase()));
});
