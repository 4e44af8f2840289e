/**
 * Load generator and receiver for one server that runs already, with a ledger: what was accepted must arrive.
 *
 *     node bench/load.ts --url http://127.0.0.1:8000/webhooks/deliver --seconds 8 --connections 64   (closed loop)
 *     node bench/load.ts --url http://127.0.0.1:8000/webhooks/deliver --seconds 20 --rate 500        (open loop)
 *
 * Prints one line of JSON. Exits 3 when the ledger does not balance: such a run is void.
 */
import { parseArgs } from "node:util";
import { Generator } from "./load/generator.ts";
import { PLAIN_LOAD } from "./load/plan.ts";
import { Receiver } from "./load/receiver.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    seconds: { type: "string", default: "8" },
    connections: { type: "string", default: "64" },
    /** Requests a second: an open loop. */
    rate: { type: "string" },
    /** This many requests and no more. */
    count: { type: "string" },
    bytes: { type: "string", default: "300" },
    targets: { type: "string", default: "1" },
    /** An API key. */
    token: { type: "string" },
    /** Seconds to wait for what was accepted. */
    drain: { type: "string", default: "60" },
  },
});
if (values.url === undefined) throw new Error("--url says where to post to");

const receiver = await Receiver.listen();
const plan = {
  ...PLAIN_LOAD,
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  bytes: Number(values.bytes),
  targets: Number(values.targets),
  drainSeconds: Number(values.drain),
  ...(values.rate === undefined ? {} : { rate: Number(values.rate) }),
  ...(values.count === undefined ? {} : { count: Number(values.count) }),
};
const generator = new Generator(values.url, values.token, plan, receiver);
await generator.load();
const report = generator.report();
console.log(JSON.stringify(report));
process.exit(report.missing === 0 && report.strangers === 0 ? 0 : 3);
