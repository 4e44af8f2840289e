import assert from "node:assert/strict";
import { test } from "node:test";
import { serveHere } from "../../../test/support/in-process.ts";
import { listenForMetricsOf } from "../serve/listen-for-metrics.ts";
import { ran } from "../test-kit/recorded-io.ts";

test("health says by its exit code whether a process is ready, by the settings that the process has", async (t) => {
  const { posthorn, api } = await serveHere(t);
  const aside = await listenForMetricsOf(posthorn, { host: "127.0.0.1", port: 0 });
  const settings = [
    { POSTHORN_PORT: new URL(api.url).port, POSTHORN_HOST: "0.0.0.0" },
    { POSTHORN_PORT: "1", POSTHORN_METRICS_LISTEN: new URL(aside?.url ?? "").port },
    { POSTHORN_HEALTH_URL: `${aside?.url}/startupz` },
    { POSTHORN_HEALTH_URL: `${api.url}/startupz` },
    { POSTHORN_HEALTH_URL: api.url },
  ];
  const asked = () => Promise.all(settings.map((env) => ran(["health"], env)));
  assert.deepEqual(await asked(), Array(5).fill({ code: 0, stdout: "", stderr: "" }));

  await posthorn.drain();
  const [server, worker, ...others] = await asked();
  assert.equal(others.pop()?.code, 1, "a server is asked whether it is ready");
  assert.match(server?.stderr ?? "", /^posthorn: \S+\/readyz answers 503: the process is stopping\n$/);
  assert.match(worker?.stderr ?? "", /^posthorn: \S+\/readyz answers 503: the process is stopping\n$/);
  assert.deepEqual([server?.code, worker?.code], [1, 1]);
  for (const { code } of others) assert.equal(code, 0);

  await aside?.close();
  const nobody = await ran(["health", "--url", `${aside?.url}/readyz`]);
  assert.deepEqual([nobody.code, nobody.stdout], [1, ""]);
  assert.match(nobody.stderr, /^posthorn: \S+\/readyz does not answer: ./);
});
