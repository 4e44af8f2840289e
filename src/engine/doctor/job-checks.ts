import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import { isDraining } from "../fleet/liveness.ts";
import type { RetentionPeriods } from "../retention/retention-periods.ts";
import { TAKEN_WITHIN_MS } from "../statistics/fleet-reports.ts";
import { checkOf, counted, type Examined, levelOf, span } from "./finding.ts";

/** How many names a finding lists. */
const MOST_NAMED = 5;

export const oldestDueJob = checkOf("oldest_due", "Oldest due job", ({ facts: { due }, now }) => {
  const [oldest] = due.tasks;
  if (!oldest) return { level: "ok", detail: "nothing is due" };
  const waited = Math.max(0, now - oldest.oldestAt);
  const level = levelOf(waited, MINUTE_MS, HOUR_MS);
  const detail = `${areDue(due.tasks, due.isAll)}, the oldest (of ${oldest.task}) for ${span(waited)}`;
  const todo =
    "run more workers, or find out which lanes fail or are slow: posthorn jobs list --status queued";
  return level === "ok" ? { level, detail } : { level, detail, todo };
});

export const dueWithoutWorker = checkOf("no_worker", "Due without worker", (examined) => {
  const living = examined.workers.filter((worker) => worker.mayLive);
  const { due } = examined.facts;
  const stranded = due.tasks.filter(
    ({ task, oldestAt }) =>
      examined.now - oldestAt >= TAKEN_WITHIN_MS && !living.some(({ tasks }) => tasks.includes(task)),
  );
  if (stranded.length === 0)
    return { level: "ok", detail: "no job waits for a worker that handles its task" };
  if (living.length === 0) {
    const detail = `${areDue(stranded, due.isAll)} and no worker lives`;
    return { level: "bad", detail, todo: "start one: posthorn serve, or posthorn worker" };
  }
  const tasks = stranded.map(({ task, jobs }) => `${task} (${many(jobs, due.isAll)})`).join(", ");
  if (living.every(isDraining)) {
    const detail = `${areDue(stranded, due.isAll)}, and the only living workers are stopping`;
    return { level: "warn", detail, todo: "start another, unless one is about to: posthorn worker" };
  }
  const todo = "start one that knows the task: posthorn worker --tasks FILE";
  return { level: "bad", detail: `no living worker handles ${tasks}`, todo };
});

function areDue(tasks: Examined["facts"]["due"]["tasks"], isAll: boolean): string {
  const jobs = tasks.reduce((sum, each) => sum + each.jobs, 0);
  return `${many(jobs, isAll)} ${jobs === 1 && isAll ? "is" : "are"} due`;
}

function many(jobs: number, isAll: boolean): string {
  return isAll ? counted(jobs, "job") : `at least ${counted(jobs, "job")}`;
}

export const lateSchedules = checkOf("schedules_late", "Schedules", ({ schedules, now }) => {
  const late = schedules
    .flatMap(({ name, paused, nextAt }) => (paused || nextAt === null ? [] : [{ name, ms: now - nextAt }]))
    .filter(({ ms }) => ms >= MINUTE_MS)
    .sort((a, b) => b.ms - a.ms);
  const [latest] = late;
  if (!latest) return { level: "ok", detail: "each ran when it was due" };
  const level = levelOf(latest.ms, MINUTE_MS, HOUR_MS);
  const named = late.slice(0, MOST_NAMED).map(({ name, ms }) => `${name} (by ${span(ms)})`);
  const more = late.length > named.length ? `, and ${late.length - named.length} more` : "";
  const detail = `${counted(late.length, "schedule")} ${late.length === 1 ? "is" : "are"} late: ${named.join(", ")}${more}`;
  return { level, detail, todo: "every worker runs schedules: start one, and look at its log" };
});

export const workers = checkOf("workers", "Workers", (examined) => {
  const living = examined.workers.filter((worker) => worker.mayLive);
  const dead = examined.workers.filter((worker) => !worker.mayLive);
  const held = dead.reduce((sum, { jobs }) => sum + jobs, 0);
  const stopping = living.filter(isDraining).length;
  const lives =
    living.length === 0
      ? "no living worker is registered"
      : `${counted(living.length, "worker")} registered${stopping > 0 ? `, ${stopping} of them stopping` : ""}`;
  if (dead.length === 0) return { level: "ok", detail: lives };
  const named = dead.map(({ host, pid }) => `process ${pid} on ${host}`).join(", ");
  const detail = `${counted(dead.length, "worker")} died (${named}) and held ${counted(held, "job")}`;
  if (living.length > 0) return { level: "warn", detail, todo: "the living take them over within a minute" };
  if (held === 0) return { level: "warn", detail, todo: "the next worker clears this up" };
  return { level: "bad", detail, todo: "no worker is left to take them over; start one" };
});

export const slots = checkOf("slots", "Slots", (examined) => {
  const held = examined.workers.filter((worker) => worker.mayLive && worker.slotsHeld > 0);
  if (held.length === 0)
    return { level: "ok", detail: "no handler has outlived its attempt and kept its slot" };
  const named = held.map(
    ({ host, pid, slotsHeld, concurrency }) => `process ${pid} on ${host} (${slotsHeld} of ${concurrency})`,
  );
  const isFull = held.some(({ slotsHeld, concurrency }) => slotsHeld >= concurrency);
  const detail = `handlers that do not end hold slots of ${named.join(", ")}`;
  const todo = "its log names them; have them stop when their signal is aborted, and restart it";
  return { level: isFull ? "bad" : "warn", detail, todo };
});

export const retention = checkOf("retention", "Retention", ({ facts, now, retention: periods }) => {
  const lag = Math.max(0, ...lags(facts.unpruned, now, periods));
  const level = levelOf(lag, HOUR_MS, DAY_MS);
  if (level === "ok") {
    const detail = `nothing is kept much longer than it should be (${shownPeriods(periods)})`;
    return { level, detail };
  }
  const detail = `what should have been deleted has stayed ${span(lag)} longer`;
  const todo =
    "workers delete it: run one, with the --retain-jobs, --retain-succeeded and --retain-failed that you want";
  return { level, detail, todo };
});

function shownPeriods({ succeededMs, failedMs }: Required<RetentionPeriods>): string {
  if (succeededMs === failedMs) return `jobs: ${span(succeededMs)}`;
  return `jobs that succeeded: ${span(succeededMs)}, that failed or were cancelled: ${span(failedMs)}`;
}

function lags(
  unpruned: Examined["facts"]["unpruned"],
  now: number,
  { succeededMs, failedMs }: Required<RetentionPeriods>,
): number[] {
  const { succeededAt, failedAt, expiredAt, keyExpiredAt } = unpruned;
  const after = (endedAt: number | null, ms: number) => (endedAt === null ? null : endedAt + ms);
  const dueAt = [after(succeededAt, succeededMs), after(failedAt, failedMs), expiredAt, keyExpiredAt];
  return dueAt.flatMap((ms) => (ms === null ? [] : [now - ms]));
}
