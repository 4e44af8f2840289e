import { readdirSync, readFileSync } from "node:fs";

/** What the operating system counted for a process and its descendants; on Linux only. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly writtenBytes: number;
}

const TICKS_A_SECOND = 100;
const SAMPLE_EVERY_MS = 500;

/** What these processes and their descendants have used so far, those that have ended and were waited for included. */
export function usageOf(pids: readonly number[]): Usage {
  let cpuSeconds = 0;
  let writtenBytes = 0;
  for (const pid of withDescendants(pids)) {
    const fields = statFields(pid);
    // utime, stime, and those of children waited for: fields 14 to 17, counted after the command's name from field 3
    for (const field of fields.slice(11, 15)) cpuSeconds += Number(field) / TICKS_A_SECOND;
    writtenBytes += Number(/^write_bytes: (\d+)/m.exec(read(pid, "io"))?.[1] ?? 0);
  }
  return { cpuSeconds, writtenBytes };
}

export function usedBetween(before: Usage, after: Usage): Usage {
  return {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    writtenBytes: after.writtenBytes - before.writtenBytes,
  };
}

/**
 * The most memory that a group of processes held: of one process the kernel's own high-water mark; of several, the highest
 * sum seen twice a second, in which each page they share counts once.
 */
export class PeakMemory {
  readonly #pids: readonly number[];
  readonly #timer: NodeJS.Timeout;
  #peakKibibytes = 0;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#timer = setInterval(() => this.#look(), SAMPLE_EVERY_MS);
    this.#look();
  }

  /** In MiB; NaN where the operating system does not tell. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#peakKibibytes > 0 ? Math.round(this.#peakKibibytes / 1_024) : Number.NaN;
  }

  #look(): void {
    const all = withDescendants(this.#pids);
    const [only] = all;
    const kibibytes =
      all.length === 1 && only !== undefined
        ? kibibytesIn(read(only, "status"), "VmHWM")
        : all.reduce((sum, pid) => sum + kibibytesIn(read(pid, "smaps_rollup"), "Pss"), 0);
    this.#peakKibibytes = Math.max(this.#peakKibibytes, kibibytes);
  }
}

function kibibytesIn(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}

function withDescendants(pids: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = Number(statFields(pid)[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [...pids];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function allPids(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** From the third field on: state, parent, … */
function statFields(pid: number): string[] {
  const text = read(pid, "stat");
  return text.slice(text.lastIndexOf(") ") + 2).split(" ");
}

/** Empty when the process has ended meanwhile, or the system has no such file. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
