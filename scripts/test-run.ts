import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** What files of a run share, and remove with it: see `cluster.ts` and `child.ts` of the test kits. */
const SHARED = /^(?:postgres-template|command-line$)/;

/** For processes that were told to end. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 100;

/** A run of the tests in a temporary folder of its own, in which whatever a test leaves behind is found. */
export class TestRun {
  readonly folder = mkdtempSync(join(tmpdir(), "posthorn-tests-"));
  readonly #patienceMs: number;
  /** For all its processes. */
  readonly env: Readonly<NodeJS.ProcessEnv> = {
    ...{ TMPDIR: this.folder, TEMP: this.folder, TMP: this.folder },
    POSTHORN_TEST_CLUSTER_PASSWORD: randomBytes(12).toString("hex"),
    // hundreds of processes load the same modules: this halves what a start of one costs
    NODE_COMPILE_CACHE: join(import.meta.dirname, "../node_modules/.cache/posthorn-tests"),
  };

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    chmodSync(this.folder, 0o755); // as root, PostgreSQL runs as another user
  }

  /** Removes its folder. What tests had left there, and processes of theirs that did not end, which are killed. */
  async end(): Promise<string[]> {
    const givenUpAt = performance.now() + this.#patienceMs;
    let processes = this.#processes();
    while (processes.length > 0 && performance.now() < givenUpAt) {
      await pause(LOOK_EVERY_MS);
      processes = this.#processes();
    }
    for (const { pid } of processes) kill(pid);
    const files = readdirSync(this.folder).filter((name) => !SHARED.test(name));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    return [...processes.map(({ pid, command }) => `process ${pid}: ${command}`), ...files];
  }

  /** Those that have its folder among their arguments or in their environment, where the system shows them (Linux). */
  #processes(): { readonly pid: number; readonly command: string }[] {
    return list("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid)
      .map((pid) => ({ pid, command: read(pid, "cmdline"), environment: read(pid, "environ") }))
      .filter(({ command, environment }) => `${command} ${environment}`.includes(this.folder))
      .map(({ pid, command }) => ({ pid, command: command.replaceAll("\0", " ").trim() }));
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended, or is somebody else's. */
function read(pid: number, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
}
