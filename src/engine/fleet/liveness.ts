import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isError } from "../../core/errors.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";

/** Whether its jobs may be taken from it: its heartbeat is overdue, or its process is gone. */
export function isDeadWorker(worker: WorkerRecord, now: number): boolean {
  return worker.deadline < now || isGone(worker);
}

/** Whether it ran on this machine, and its process no longer exists. */
export function isGone(worker: WorkerRecord): boolean {
  return worker.machine === MACHINE && !isAlive(worker);
}

/**
 * Whether it may still run jobs.
 * @param isShared if the store is not, an idle worker sends no heartbeats: then its process tells.
 */
export function mayLive(worker: WorkerRecord, now: number, isShared: boolean): boolean {
  if (!isDeadWorker(worker, now)) return true;
  return !isShared && worker.machine === MACHINE && isAlive(worker);
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
