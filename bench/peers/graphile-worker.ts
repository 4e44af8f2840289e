// node bench/peers/graphile-worker.ts postgres://user@127.0.0.1:5432/bench
import { startGraphile } from "./graphile-runner.ts";
import { type Delivery, databaseUrl, deliver, serveApi } from "./http.ts";

const runner = await startGraphile(databaseUrl(), {
  deliver: async (payload) => void (await deliver(payload as Delivery)),
});
serveApi(
  async (delivery) => (await runner.addJob("deliver", delivery)).id,
  () => runner.stop(),
);
