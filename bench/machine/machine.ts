import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";

/** What the figures were measured on: they mean little without it. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGibibytes: number;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  /** When, in UTC. */
  readonly at: string;
  /** Of one minute, when the run began: other work on the machine falsifies it. */
  readonly loadAverage: number;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
    sqlite: process.versions.sqlite ?? "none",
    at: new Date().toISOString(),
    loadAverage: loadAverage(),
  };
}

export function inOneLine(machine: Machine): string {
  const { processor, cores, memoryGibibytes, system, node, sqlite, at, loadAverage } = machine;
  return `${cores} × ${processor}, ${memoryGibibytes} GiB, ${system}, Node ${node}, SQLite ${sqlite}, ${at}, load average ${loadAverage}`;
}

function loadAverage(): number {
  try {
    return Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
  } catch {
    return Number.NaN;
  }
}
