import type { RetentionPeriods } from "../retention-periods.ts";
import { counted, DAY, type DoctorCheck, type Examined, HOUR, levelOf, MINUTE, span } from "./finding.ts";

/** A living worker takes what is due within a moment; one that has just started needs a little longer. */
const TAKEN_WITHIN_MS = 30_000;

export const oldestDueJob: DoctorCheck = ({ facts, now }) => {
  const check = "oldest due job";
  const [oldest] = facts.due;
  if (!oldest) return { check, level: "ok", says: "nothing is due" };
  const waited = Math.max(0, now - oldest.oldestAt);
  const jobs = facts.due.reduce((sum, due) => sum + due.jobs, 0);
  const level = levelOf(waited, MINUTE, HOUR);
  const says = `${counted(jobs, "job")} ${jobs === 1 ? "is" : "are"} due, the oldest (of ${oldest.task}) for ${span(waited)}`;
  const todo =
    "; run more workers, or find out which lanes fail or are slow: posthorn jobs list --status queued";
  return { check, level, says: level === "ok" ? says : says + todo };
};

export const dueWithoutWorker: DoctorCheck = (examined) => {
  const check = "due without worker";
  const living = examined.workers.filter((worker) => worker.mayLive);
  const stranded = examined.facts.due.filter(
    ({ task, oldestAt }) =>
      examined.now - oldestAt >= TAKEN_WITHIN_MS && !living.some(({ tasks }) => tasks.includes(task)),
  );
  if (stranded.length === 0)
    return { check, level: "ok", says: "no job waits for a worker that handles its task" };
  if (living.length === 0) {
    const jobs = stranded.reduce((sum, due) => sum + due.jobs, 0);
    const says = `${counted(jobs, "job")} ${jobs === 1 ? "is" : "are"} due and no worker lives; start one: posthorn serve, or posthorn worker`;
    return { check, level: "bad", says };
  }
  const tasks = stranded.map(({ task, jobs }) => `${task} (${counted(jobs, "job")})`).join(", ");
  const says = `no living worker handles ${tasks}; start one that knows the task: posthorn worker --tasks FILE`;
  return { check, level: "bad", says };
};

export const workers: DoctorCheck = (examined) => {
  const check = "workers";
  const living = examined.workers.filter((worker) => worker.mayLive);
  const dead = examined.workers.filter((worker) => !worker.mayLive);
  const held = dead.reduce((sum, { jobs }) => sum + jobs, 0);
  const lives =
    living.length === 0
      ? "no worker is registered that lives"
      : `${counted(living.length, "worker")} registered`;
  if (dead.length === 0) return { check, level: "ok", says: lives };
  const named = dead.map(({ host, pid }) => `process ${pid} on ${host}`).join(", ");
  const died = `${counted(dead.length, "worker")} died (${named}) and held ${counted(held, "job")}`;
  if (living.length > 0)
    return { check, level: "warn", says: `${died}; the living take them over within a minute` };
  const todo = "no worker is left to take them over; start one";
  return {
    check,
    level: held > 0 ? "bad" : "warn",
    says: held > 0 ? `${died}; ${todo}` : `${died}; the next worker clears this up`,
  };
};

export const slots: DoctorCheck = ({ workers }) => {
  const check = "slots";
  const held = workers.filter((worker) => worker.mayLive && worker.slotsHeld > 0);
  if (held.length === 0)
    return { check, level: "ok", says: "no handler has outlived its attempt and kept its slot" };
  const named = held.map(
    ({ host, pid, slotsHeld, concurrency }) => `process ${pid} on ${host} (${slotsHeld} of ${concurrency})`,
  );
  const says = `handlers that do not end hold slots of ${named.join(", ")}; its log names them; have them stop when their signal is aborted, and restart it`;
  const isFull = held.some(({ slotsHeld, concurrency }) => slotsHeld >= concurrency);
  return { check, level: isFull ? "bad" : "warn", says };
};

export const retention: DoctorCheck = ({ facts, now, retention: periods }) => {
  const check = "retention";
  const lag = Math.max(0, ...lags(facts.unpruned, now, periods));
  const level = levelOf(lag, HOUR, DAY);
  if (level === "ok")
    return {
      check,
      level,
      says: `nothing is kept much longer than it should be (${shownPeriods(periods)})`,
    };
  const says = `what should have been deleted has stayed ${span(lag)} longer; workers delete it: run one, with the --retain-jobs, --retain-succeeded and --retain-failed that you want`;
  return { check, level, says };
};

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
