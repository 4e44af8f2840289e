import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isError } from "../../core/errors.ts";
import type { Loss } from "../../core/transition.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";

/**
 * If a worker on this machine has a running process but sends no heartbeats, its event loop is blocked. It gets this much more time, for a
 * handler that blocks once and then ends; after that, it cannot be told from one that never ends.
 */
export const BLOCKED_PATIENCE_MS = 600_000;

/** How the worker was lost, in which case its jobs may be taken from it; undefined if it is, or may be, alive. */
export function lossOf(worker: WorkerRecord, now: number): Loss | undefined {
  if (isGone(worker)) return "ended";
  const patienceMs = isHere(worker) && !isStopped(worker.pid) ? BLOCKED_PATIENCE_MS : 0;
  return worker.deadline + patienceMs < now ? "silent" : undefined;
}

/** Whether it ran on this machine, and its process no longer exists. */
export function isGone(worker: WorkerRecord): boolean {
  return isHere(worker) && !isAlive(worker);
}

/**
 * Whether it may still run jobs.
 * @param isShared if the store is not, an idle worker sends no heartbeats: then its process tells.
 */
export function mayLive(worker: WorkerRecord, now: number, isShared: boolean): boolean {
  if (isGone(worker)) return false;
  return worker.deadline >= now || (!isShared && isHere(worker));
}

/** Whether it takes nothing more, and only finishes what it runs: then no task is left to it. Older releases say it in the same way. */
export function isDraining({ tasks }: Pick<WorkerRecord, "tasks">): boolean {
  return tasks.length === 0;
}

/** How many of these are alive, or may be, how many only end what they run, and how many are dead and not yet cleaned up. */
export function census(
  workers: readonly WorkerRecord[],
  now: number,
  isShared: boolean,
): { readonly alive: number; readonly draining: number; readonly dead: number } {
  const living = workers.filter((worker) => mayLive(worker, now, isShared));
  const draining = living.filter(isDraining).length;
  return { alive: living.length - draining, draining, dead: workers.length - living.length };
}

function isHere(worker: WorkerRecord): boolean {
  return worker.machine === MACHINE;
}

/** Whether a process of this machine still runs. A pid that another program has got since counts as alive: then the deadline decides. */
function isAlive({ id, pid }: WorkerRecord): boolean {
  // otherwise an earlier process had the same pid: in a container it is often number 1 every time
  if (pid === process.pid) return workersHere.has(id);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isError(error) && "code" in error && error.code === "EPERM";
  }
}

/** Whether the process was stopped (SIGSTOP), which only Linux tells: it will not continue by itself. */
function isStopped(pid: number): boolean {
  const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // the process name before it, in parentheses, may contain anything
  return /^[Tt]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

/** The ids of the workers in this process. */
export const workersHere = new Set<string>();

/** Two processes with the same value see each other's pids: host, boot, and, on Linux, pid namespace. */
export const MACHINE = [
  hostname(),
  quietly(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
  quietly(() => readlinkSync("/proc/self/ns/pid")),
]
  .filter(Boolean)
  .join(" ");

function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
