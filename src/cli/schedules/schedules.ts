import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { type Action, Audit } from "../../engine/audit/audit.ts";
import { setAllPaused, setPaused } from "../../engine/schedules/pause-schedule.ts";
import { scheduleView } from "../../http/answer/fleet-view.ts";
import type { Store } from "../../store/store.ts";
import { publicSchedule } from "../../tasks/public-schedule.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownTime } from "../terminal/table.ts";

export async function listSchedules(options: GlobalOptions, io: Io): Promise<void> {
  const schedules = await withExistingStore(options.database, (store) => store.schedules.list());
  if (options.json) {
    printJson(io.stdout, { data: schedules.map((schedule) => scheduleView(publicSchedule(schedule))) });
    return;
  }
  const rows = schedules.map(({ name, cron, timeZone, job, paused, nextAt, lastAt }) => [
    name,
    job.task,
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
  const schedule = await withExistingStore(options.database, (store) => {
    const { schedules, clock } = store;
    const act = actOn(store, paused ? "schedule.pause" : "schedule.resume", name);
    return setPaused(schedules, name, paused, clock.now(), act);
  });
  if (!schedule) throw unknownSchedule(name);
  if (options.json) printJson(io.stdout, scheduleView(publicSchedule(schedule)));
  else if (paused) io.stdout.write(`${name} is paused\n`);
  else
    io.stdout.write(
      `${name} continues${schedule.nextAt === null ? "" : `, next ${shownTime(schedule.nextAt)}`}\n`,
    );
}

/** Running workers follow within a second. */
export async function pauseAllSchedules(paused: boolean, options: GlobalOptions, io: Io): Promise<void> {
  const changed = await withExistingStore(options.database, (store) => {
    const action = paused ? "schedule.pause" : "schedule.resume";
    return setAllPaused(store.schedules, paused, store.clock.now(), (name) => actOn(store, action, name));
  });
  if (options.json)
    printJson(io.stdout, { data: changed.map((schedule) => scheduleView(publicSchedule(schedule))) });
  else if (changed.length === 0) io.stdout.write(`no schedule is ${paused ? "running" : "paused"}\n`);
  else for (const { name } of changed) io.stdout.write(`${name} ${paused ? "is paused" : "continues"}\n`);
}

export async function removeSchedule(name: string, options: GlobalOptions, io: Io): Promise<void> {
  const removed = await withExistingStore(options.database, (store) =>
    store.schedules.remove(name, actOn(store, "schedule.remove", name).row),
  );
  if (!removed) throw unknownSchedule(name);
  if (options.json) printJson(io.stdout, { name, removed });
  else io.stdout.write(`${name} is removed; a process that declares it makes it again when it starts\n`);
}

function actOn({ audit, clock }: Store, action: Action, target: string) {
  return new Audit({ shelf: audit, clock }).act({ actor: BY_COMMAND_LINE }, { action, target });
}

function unknownSchedule(name: string): ConfigurationError {
  return new ConfigurationError(
    `no schedule has the name ${JSON.stringify(name)}; \`posthorn schedules list\` shows them`,
  );
}
