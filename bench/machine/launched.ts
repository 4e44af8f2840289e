import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** What it prints once it takes requests; its first group, if any, is where. Without it: ready once it runs. */
  readonly ready?: RegExp;
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** How it is asked to end. */
  readonly stopSignal?: NodeJS.Signals;
}

const ANYTHING = /^/;
const READY_WITHIN_MS = 60_000;
const END_WITHIN_MS = 60_000;
const KEPT_CHARACTERS = 4_000;

/** Everything that runs, so that nothing outlives the runner, however it ends. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) killGroup(child, "SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

/** A program that was started, in a process group of its own. */
export class Launched {
  readonly pid: number;
  /** What the `ready` pattern's group found. */
  readonly found: string;
  readonly #child: ChildProcess;
  readonly #output: Output;
  readonly #stopSignal: NodeJS.Signals;

  private constructor(
    child: ChildProcess,
    pid: number,
    found: string,
    output: Output,
    signal: NodeJS.Signals,
  ) {
    this.#child = child;
    this.pid = pid;
    this.found = found;
    this.#output = output;
    this.#stopSignal = signal;
  }

  /** Resolves once it is ready; rejects, with the end of what it printed, when it ends first or takes too long. */
  static async start({ file, args, ready, folder, env, uid, gid, stopSignal }: Command): Promise<Launched> {
    const child = spawn(file, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      ...(folder !== undefined && { cwd: folder }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    const output = new Output(child);
    try {
      const found = await output.shows(ready ?? ANYTHING);
      if (child.pid === undefined) throw new Error(`${file} has no process id`);
      return new Launched(child, child.pid, found, output, stopSignal ?? "SIGTERM");
    } catch (error) {
      killGroup(child, "SIGKILL");
      throw error;
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when it has ended, with the end of what it printed. */
  async ended(): Promise<string> {
    if (!this.hasEnded) await once(this.#child, "exit");
    return `${this.#child.spawnfile} ended: ${this.#output.text.trim()}`;
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(this.#stopSignal);
    const patience = new AbortController();
    const tooLong = sleep(END_WITHIN_MS, undefined, { signal: patience.signal }).then(
      () => killGroup(this.#child, "SIGKILL"),
      () => {}, // it has ended
    );
    await ended;
    patience.abort();
    await tooLong;
    killGroup(this.#child, "SIGKILL"); // of a tree whose root is gone
  }
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a process prints, of which the end is kept. */
class Output {
  text = "";
  readonly #child: ChildProcess;
  #look = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    const take = (chunk: string) => {
      this.text = (this.text + chunk).slice(-KEPT_CHARACTERS);
      this.#look();
    };
    child.stdout?.setEncoding("utf8").on("data", take);
    child.stderr?.setEncoding("utf8").on("data", take);
  }

  /** What the pattern's first group has found, once it matches. */
  shows(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (what: string) => {
        clearTimeout(timer);
        reject(new Error(`${this.#child.spawnfile} ${what}: ${this.text.trim()}`));
      };
      const timer = setTimeout(() => fail("was not ready in time"), READY_WITHIN_MS);
      this.#look = () => {
        const match = pattern.exec(this.text);
        if (!match) return;
        clearTimeout(timer);
        this.#look = () => {};
        resolve(match[1] ?? "");
      };
      this.#child.once("spawn", () => this.#look());
      this.#child.once("error", (error) => fail(error.message));
      this.#child.once("exit", () => fail("ended before it was ready"));
    });
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // no process of the group is left
  }
}
