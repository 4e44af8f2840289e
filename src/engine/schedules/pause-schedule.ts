import type { Schedule, ScheduleShelf } from "../../store/shelves/schedules.ts";
import type { AuditedAct } from "../audit/audit.ts";
import { nextRun } from "./cron.ts";

/**
 * Undefined when there is no such schedule. While it is paused it is not due, and missed runs are not made up for: once resumed, it
 * continues with its next one. Workers of all processes follow within a second.
 */
export async function setPaused(
  shelf: ScheduleShelf,
  name: string,
  paused: boolean,
  now: number,
  act?: AuditedAct,
): Promise<Schedule | undefined> {
  const found = (await shelf.list()).find((schedule) => schedule.name === name);
  if (!found || found.paused === paused) return found;
  const nextAt = paused ? null : nextRun(found.cron, found.timeZone, now);
  const changed = await shelf.pause(name, paused, nextAt, act?.row);
  if (changed) act?.done();
  // another call was faster
  return changed ?? (await shelf.list()).find((schedule) => schedule.name === name);
}

/**
 * As `setPaused`, of all schedules that there are, in one transaction: those that were changed.
 * @param actOn what the audit tells of each.
 */
export async function setAllPaused(
  shelf: ScheduleShelf,
  paused: boolean,
  now: number,
  actOn: (name: string) => AuditedAct,
): Promise<Schedule[]> {
  const others = (await shelf.list()).filter((schedule) => schedule.paused !== paused);
  const acts = new Map(others.map(({ name }) => [name, actOn(name)]));
  const changes = others.map(({ name, cron, timeZone }) => ({
    name,
    nextAt: paused ? null : nextRun(cron, timeZone, now),
    audit: acts.get(name)?.row,
  }));
  const changed = await shelf.pauseAll(changes, paused);
  for (const { name } of changed) acts.get(name)?.done();
  return changed;
}
