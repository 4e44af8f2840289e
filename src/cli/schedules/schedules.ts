import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { Audit } from "../../engine/audit/audit.ts";
import { scheduleView } from "../../http/answer/fleet-view.ts";
import { silentLog } from "../../observe/log.ts";
import { Schedules } from "../../tasks/schedules.ts";
import { located, refuseMissing, withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownTime } from "../terminal/table.ts";

const BY = { actor: BY_COMMAND_LINE };

export async function listSchedules(options: GlobalOptions, io: Io): Promise<void> {
  const schedules = await withSchedules(options, (them) => them.list());
  if (options.json) {
    printJson(io.stdout, { data: schedules.map(scheduleView) });
    return;
  }
  const rows = schedules.map(({ name, cron, timeZone, task, paused, nextAt, lastAt }) => [
    name,
    task,
    cron,
    timeZone,
    paused ? "paused" : shownTime(nextAt),
    shownTime(lastAt),
  ]);
  printTable(io.stdout, ["SCHEDULE", "TASK", "CRON", "TIME ZONE", "NEXT", "LAST"], rows);
}

/** Running workers follow within a second. */
export async function pauseSchedule(
  name: string,
  paused: boolean,
  options: GlobalOptions,
  io: Io,
): Promise<void> {
  const schedule = await withSchedules(options, (them) =>
    paused ? them.pause(name, BY) : them.resume(name, BY),
  );
  if (!schedule) throw unknownSchedule(name);
  const { nextAt } = schedule;
  if (options.json) printJson(io.stdout, scheduleView(schedule));
  else if (paused) io.stdout.write(`${name} is paused\n`);
  else io.stdout.write(`${name} continues${nextAt === null ? "" : `, next ${shownTime(nextAt)}`}\n`);
}

/** Running workers follow within a second. */
export async function pauseAllSchedules(paused: boolean, options: GlobalOptions, io: Io): Promise<void> {
  const changed = await withSchedules(options, (them) => (paused ? them.pauseAll(BY) : them.resumeAll(BY)));
  if (options.json) printJson(io.stdout, { data: changed.map(scheduleView) });
  else if (changed.length === 0) io.stdout.write(`no schedule is ${paused ? "running" : "paused"}\n`);
  else for (const { name } of changed) io.stdout.write(`${name} ${paused ? "is paused" : "continues"}\n`);
}

/** Creates one of its jobs now. A running worker picks it up by itself. */
export async function runSchedule(name: string, { database, json }: GlobalOptions, io: Io): Promise<void> {
  refuseMissing(database);
  const { openPosthorn } = await import("../../posthorn.ts");
  const masterKey = io.env.POSTHORN_MASTER_KEY;
  const posthorn = await openPosthorn({
    ...{ database: located(database), worker: false, log: silentLog },
    ...(masterKey && { masterKey }),
  });
  try {
    const run = await posthorn.schedules.run(name, BY);
    if (!run) throw unknownSchedule(name);
    const { jobId, existing } = run;
    if (json) printJson(io.stdout, { job_id: jobId, existing });
    else io.stdout.write(`${jobId} is ${existing ? "still there from an earlier run" : "queued"}\n`);
  } finally {
    await posthorn.close();
  }
}

export async function removeSchedule(name: string, options: GlobalOptions, io: Io): Promise<void> {
  const removed = await withSchedules(options, (them) => them.remove(name, BY));
  if (!removed) throw unknownSchedule(name);
  if (options.json) printJson(io.stdout, { name, removed });
  else io.stdout.write(`${name} is removed; a process that declares it makes it again when it starts\n`);
}

function withSchedules<Result>(
  { database }: GlobalOptions,
  use: (schedules: Schedules) => Promise<Result>,
): Promise<Result> {
  return withExistingStore(database, ({ schedules: shelf, clock, audit }) =>
    use(new Schedules({ shelf, clock, audit: new Audit({ shelf: audit, clock }) })),
  );
}

function unknownSchedule(name: string): ConfigurationError {
  return new ConfigurationError(
    `no schedule has the name ${JSON.stringify(name)}; \`posthorn schedules list\` shows them`,
  );
}
