// The process that makes the load and receives the deliveries: a process of its own, so that its cost is neither the runner's nor the system's.
import { Generator } from "./generator.ts";
import type { Ask, Tell } from "./messages.ts";
import { Receiver } from "./receiver.ts";

const tell = (message: Tell) => process.send?.(message);
const receiver = await Receiver.listen();
let generator: Generator | undefined;

async function load({ url, plan }: Extract<Ask, { kind: "load" }>): Promise<void> {
  const before = process.cpuUsage();
  const from = performance.now();
  generator = new Generator(url, undefined, plan, receiver);
  await generator.load();
  const { user, system } = process.cpuUsage(before);
  tell({ kind: "loaded", cores: (user + system) / 1_000 / (performance.now() - from) });
}

process.on("message", (ask: Ask) => {
  if (ask.kind === "load") void load(ask);
  else if (generator) tell({ kind: "report", report: generator.report() });
});
process.on("disconnect", () => process.exit());
tell({ kind: "listening", url: receiver.url });
