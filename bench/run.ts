/**
 * The product beside its ceiling, alternately, in one run: `npm run bench`. Figures move with the machine; compare ratios.
 *
 *     npm run bench -- --seconds 8 --rounds 3
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import type { Report } from "./ledger.ts";
import { ceilingSqlite, posthornSqlite, Running, type System } from "./systems.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "6" },
    rounds: { type: "string", default: "3" },
    /** Spread over this many targets. */
    targets: { type: "string", default: "1" },
    json: { type: "boolean" },
  },
});

interface Result {
  readonly system: string;
  readonly saturated: Report;
  readonly cpuMicrosecondsPerDelivery: number;
  readonly writtenBytesPerDelivery: number;
  readonly peakMebibytes: number;
  readonly steady: Report;
}

const STEADY_RATE = 500;

async function load(url: string, ...options: string[]): Promise<Report> {
  const script = join(import.meta.dirname, "load.ts");
  const args = [script, "--url", url, "--targets", values.targets, ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const report: Report = JSON.parse(await text(child.stdout));
  if (report.missing > 0 || report.strangers > 0)
    throw new Error(`void: the ledger does not balance: ${JSON.stringify(report)}`);
  return report;
}

async function measure(system: System): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-bench-"));
  const running = await Running.start(system, folder);
  try {
    await load(running.url, "--seconds", "1"); // warm
    const before = running.usage();
    const saturated = await load(running.url, "--seconds", values.seconds);
    const after = running.usage();
    const steady = await load(running.url, "--seconds", values.seconds, "--rate", String(STEADY_RATE));
    const used = (now = 0, then = 0) => (now - then) / saturated.delivered;
    return {
      system: system.name,
      saturated,
      cpuMicrosecondsPerDelivery: Math.round(used(after?.cpuSeconds, before?.cpuSeconds) * 1e6),
      writtenBytesPerDelivery: Math.round(used(after?.writtenBytes, before?.writtenBytes)),
      peakMebibytes: after?.peakMebibytes ?? Number.NaN,
      steady,
    };
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(result: Result) {
  return {
    system: result.system,
    "accepted/s": result.saturated.acceptedPerSecond,
    "delivered/s": result.saturated.deliveredPerSecond,
    "CPU µs/delivery": result.cpuMicrosecondsPerDelivery,
    "bytes written/delivery": result.writtenBytesPerDelivery,
    "peak MiB": result.peakMebibytes,
    [`p50 ms at ${STEADY_RATE}/s`]: result.steady.deliveryMs.p50,
    [`p99 ms at ${STEADY_RATE}/s`]: result.steady.deliveryMs.p99,
  };
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const results: Result[] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const system of [ceilingSqlite, posthornSqlite]) results.push(await measure(system));
}

const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}, SQLite ${process.versions.sqlite}`;
const of = (system: System) => results.filter((result) => result.system === system.name);
/** The median of the rounds' ratios: the two of a round ran next to each other, so the machine's mood falls out. */
const ratio = (figure: (result: Result) => number) =>
  Number(
    median(
      of(posthornSqlite).map((result, round) => {
        const beside = of(ceilingSqlite)[round];
        return beside ? figure(result) / figure(beside) : Number.NaN;
      }),
    ).toFixed(2),
  );
const ratios = {
  deliveredPerSecond: ratio((result) => result.saturated.deliveredPerSecond),
  cpuPerDelivery: ratio((result) => result.cpuMicrosecondsPerDelivery),
  steadyP50: ratio((result) => result.steady.deliveryMs.p50),
};
if (values.json) console.log(JSON.stringify({ machine, results, ratios }, null, 2));
else {
  console.log(machine);
  console.table(results.map(row));
  console.log("Posthorn ÷ ceiling, median of the rounds:", ratios);
}
