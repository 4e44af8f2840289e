import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Report } from "./load/ledger.ts";
import { Loader } from "./load/loader.ts";
import { type LoadPlan, PLAIN_LOAD } from "./load/plan.ts";
import { Launched } from "./machine/launched.ts";
import type { Meeting } from "./meeting.ts";
import { Meter } from "./meter.ts";
import type { Options } from "./options.ts";
import type { Result } from "./report/result.ts";
import type { Filling, Scenario } from "./scenarios/scenario.ts";
import { HeldSnapshot } from "./services/held-snapshot.ts";
import { Stage } from "./stage.ts";
import type { System } from "./systems/system.ts";
import { countUnfinished } from "./unfinished.ts";

/** The wait before an idle system is looked at: what its last job left to do is over by then. */
const REST_MS = 3_000;

/** The outcome, without whose it is. */
type Measured = Pick<Result, "void" | "load" | "idle" | "task">;

/**
 * Measures one system in one scenario, on a new database. A run that goes wrong is void, not the end of the others.
 * @param meeting where it meets those that are measured at the same time.
 */
export async function measure(
  scenario: Scenario,
  system: System,
  options: Options,
  meeting: Meeting,
): Promise<Measured> {
  let stage: Stage | undefined;
  let loader: Loader | undefined;
  try {
    stage = await Stage.set(system, scenario.workers);
    if (scenario.task) {
      await meeting.all();
      return await runTask(system, stage, options.jobs);
    }
    loader = await Loader.start();
    if (scenario.filled) await fill(scenario.filled, system, stage, loader, options);
    const url = await stage.startSystem();
    // a load on waiting jobs begins with them: a warm-up would take from them what the ledger expects
    if (seededOf(scenario, options) === 0) await stage.whileItRuns(loader.load(url, warmUp(options)));
    await meeting.all();
    if (scenario.idle) return await idle(stage, options.idleSeconds);
    return await load(scenario, system, stage, loader, url, options, meeting);
  } catch (error) {
    return { void: error instanceof Error ? error.message : String(error) };
  } finally {
    meeting.leave();
    await stage?.clear();
    await loader?.stop();
  }
}

async function load(
  scenario: Scenario,
  system: System,
  stage: Stage,
  loader: Loader,
  url: string,
  options: Options,
  meeting: Meeting,
): Promise<Measured> {
  const plan = planOf(scenario, options);
  const meter = await Meter.start(stage);
  const snapshot =
    scenario.besideSnapshot && stage.service ? await HeldSnapshot.take(stage.service.url) : undefined;
  const generatorCores = await stage.whileItRuns(loader.load(url, plan)).finally(() => snapshot?.release());
  const used = await meter.stop();
  await meeting.all();
  await stage.stopSystem();
  const report = await loader.report(); // with what came while it stopped
  const unfinished =
    system.store && (report.missing > 0 || plan.seeded > 0)
      ? await countUnfinished(system.store(stage.place))
      : undefined;
  const imbalance = imbalanceOf(report, plan, unfinished ?? 0);
  return {
    ...(imbalance !== undefined && { void: imbalance }),
    load: {
      report,
      ...(unfinished !== undefined && { unfinished }),
      ...(snapshot && { mostDeadRows: snapshot.mostDeadRows }),
      used,
      generatorCores,
    },
  };
}

/** Accepted = delivered + explained; what is explained stands unfinished in the system's own records. */
function imbalanceOf(report: Report, { seeded }: LoadPlan, unfinished: number): string | undefined {
  const missing = report.missing + seeded - report.seededDelivered;
  if (report.accepted === 0) return `nothing was accepted: ${JSON.stringify(report.refused)}`;
  if (report.strangers > 0) return `${report.strangers} deliveries came that nobody had asked for`;
  if (missing > unfinished)
    return `${missing - unfinished} accepted deliveries never came, and nothing says why`;
  return undefined;
}

function planOf(scenario: Scenario, options: Options): LoadPlan {
  const { targets, connections } = options;
  return {
    ...PLAIN_LOAD,
    seconds: options.seconds,
    drainSeconds: options.drainSeconds,
    ...(connections !== undefined && { connections }),
    ...(targets !== undefined && { targets }),
    ...scenario.load,
    ...(scenario.besideSnapshot && { seconds: options.snapshotSeconds }),
    seeded: seededOf(scenario, options),
  };
}

/** How many jobs wait before the load begins. */
function seededOf({ filled }: Scenario, options: Options): number {
  return filled === "backlog" || filled === "hung" ? options[filled] : 0;
}

function warmUp({ warmUpSeconds, drainSeconds }: Options): LoadPlan {
  return { ...PLAIN_LOAD, seconds: warmUpSeconds, drainSeconds };
}

async function idle(stage: Stage, seconds: number): Promise<Measured> {
  await sleep(REST_MS);
  const meter = await Meter.start(stage);
  await sleep(seconds * 1_000);
  const used = await meter.stop();
  return {
    idle: {
      seconds,
      cores: (used.productCpuSeconds + used.databaseCpuSeconds) / seconds,
      writtenBytes: used.writtenBytes,
      statements: used.statements,
      productPeakMebibytes: used.productPeakMebibytes,
    },
  };
}

async function fill(
  what: Filling,
  system: System,
  stage: Stage,
  loader: Loader,
  options: Options,
): Promise<void> {
  if (!system.store) throw new Error(`${system.name} has no store to fill`);
  await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "fill.ts"),
    ...["--database", system.store(stage.place), "--receiver", loader.url],
    ...[`--${what}`, String(options[what])],
  ]);
  // what the kernel still has to write of it would be written, and synced, at the system's expense
  await promisify(execFile)("sync");
}

async function runTask(system: System, stage: Stage, jobs: number): Promise<Measured> {
  const command = system.task?.(stage.place, jobs);
  if (!command) throw new Error(`${system.name} has no run without HTTP`);
  const run = await Launched.start(command);
  await run.stop();
  const task = JSON.parse(run.found);
  const isBalanced = task.enqueued === task.ran;
  return { ...(!isBalanced && { void: `${task.enqueued} jobs were enqueued, ${task.ran} ran` }), task };
}
