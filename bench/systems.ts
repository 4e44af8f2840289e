import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A server under test: how it is started, and what it prints once it takes requests. */
export interface System {
  readonly name: string;
  readonly start: (port: number, folder: string) => readonly string[];
  readonly ready: RegExp;
}

const here = (path: string) => join(import.meta.dirname, path);

export const ceilingSqlite: System = {
  name: "ceiling, SQLite",
  start: (port, folder) => [
    here("systems/ceiling-sqlite.ts"),
    ...["--port", String(port), "--database", join(folder, "ceiling.db")],
  ],
  ready: /ready/,
};

export const posthornSqlite: System = {
  name: "Posthorn, SQLite",
  start: (port, folder) => [
    "--max-semi-space-size=16", // as `npm start` does
    here("../src/cli/main.ts"),
    ...[
      "serve",
      "--dev",
      "--port",
      String(port),
      "--database",
      join(folder, "posthorn.db"),
      "--log-level",
      "warn",
    ],
  ],
  ready: /listens on/,
};

/** A system that runs. */
export class Running {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  static async start(system: System, folder: string): Promise<Running> {
    const port = await freePort();
    const child = spawn(process.execPath, system.start(port, folder), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (!system.ready.test(line)) continue;
      child.stdout.resume();
      return new Running(`http://127.0.0.1:${port}/webhooks/deliver`, child);
    }
    throw new Error(`${system.name} ended before it was ready`);
  }

  /** What the operating system counted for it; on Linux only. */
  usage(): Usage | undefined {
    try {
      const proc = (file: string) => readFileSync(`/proc/${this.#process.pid}/${file}`, "utf8");
      // fields 14 and 15, counted after the command's name, in ticks of 10 ms
      const fields = proc("stat").split(") ")[1]?.split(" ") ?? [];
      return {
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
        peakMebibytes: Math.round(Number(/VmHWM:\s+(\d+)/.exec(proc("status"))?.[1]) / 1_024),
        writtenBytes: Number(/^write_bytes: (\d+)/m.exec(proc("io"))?.[1]),
      };
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}

export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMebibytes: number;
  readonly writtenBytes: number;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a server on TCP has an address of this kind
  await new Promise((resolve) => server.close(resolve));
  return port;
}
