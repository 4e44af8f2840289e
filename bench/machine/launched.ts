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
  readonly #stopSignal: NodeJS.Signals;

  private constructor(child: ChildProcess, pid: number, found: string, stopSignal: NodeJS.Signals) {
    this.#child = child;
    this.pid = pid;
    this.found = found;
    this.#stopSignal = stopSignal;
  }

  /** Resolves once it is ready; rejects, with the end of what it printed, when it ends before or takes too long. */
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
    try {
      const found = await shown(child, ready ?? ANYTHING);
      if (child.pid === undefined) throw new Error(`${file} has no process id`);
      return new Launched(child, child.pid, found, stopSignal ?? "SIGTERM");
    } catch (error) {
      killGroup(child, "SIGKILL");
      throw error;
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
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

function shown(child: ChildProcess, ready: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${child.spawnfile} ${what}: ${text.trim()}`));
    const timer = setTimeout(() => fail("was not ready in time"), READY_WITHIN_MS);
    const look = (chunk: string) => {
      text = (text + chunk).slice(-KEPT_CHARACTERS);
      const match = ready.exec(text);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[1] ?? "");
    };
    child.stdout?.setEncoding("utf8").on("data", look);
    child.stderr?.setEncoding("utf8").on("data", look);
    child.once("spawn", () => look(""));
    child.once("error", (error) => fail(error.message));
    child.once("exit", () => {
      clearTimeout(timer);
      fail("ended before it was ready");
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // none of the group is left
  }
}
