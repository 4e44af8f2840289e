import type { Schedule, ScheduleShelf } from "../../store/shelves/schedules.ts";
import type { AuditedAct } from "../audit/audit.ts";
import { nextRun } from "./scheduler.ts";

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
  // somebody else was faster
  return changed ?? (await shelf.list()).find((schedule) => schedule.name === name);
}
