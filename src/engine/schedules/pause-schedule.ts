import type { Schedule, ScheduleShelf } from "../../store/shelves/schedules.ts";
import type { Call } from "../../store/shelves/session.ts";
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
  audit?: Call<unknown>,
): Promise<Schedule | undefined> {
  const found = (await shelf.list()).find((schedule) => schedule.name === name);
  if (!found || found.paused === paused) return found;
  return shelf.pause(name, paused, paused ? null : nextRun(found.cron, found.timeZone, now), audit);
}
