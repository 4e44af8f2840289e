import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../../../test/support/until.ts";

const SOURCE = fileURLToPath(new URL("../main.ts", import.meta.url));
/** What `npm test` has made of it, for quicker starts. */
const BUNDLE = process.env.POSTHORN_TEST_COMMAND_LINE;

/** A command line, Posthorn's unless another module is named, in a process of its own, which does not outlive the test. */
export class Child {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #exited: Promise<unknown[]>;
  /** And all that it printed has been read. */
  #hasEnded = false;

  /** @param under the command that it is run by, and that becomes it: its process is the command line's. */
  constructor(
    t: TestContext,
    argv: readonly string[],
    env: NodeJS.ProcessEnv = {},
    main?: string,
    under: readonly string[] = [],
  ) {
    const hasTasks = argv.includes("--tasks") || env.POSTHORN_TASKS !== undefined;
    // modules of tasks import the source of the library, and so does what runs them
    const bundle = hasTasks || main !== undefined ? undefined : BUNDLE;
    const [program = process.execPath, ...values] = [...under, process.execPath];
    this.process = spawn(program, [...values, bundle ?? main ?? SOURCE, ...argv], {
      env: {
        ...withoutOurs(process.env),
        ...(bundle !== undefined && { NODE_COMPILE_CACHE: join(dirname(bundle), "compiled") }),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#exited = once(this.process, "close");
    this.process.once("close", () => {
      this.#hasEnded = true;
    });
    this.process.stdout?.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
    t.after(async () => {
      this.process.kill("SIGKILL");
      await this.#exited;
    });
  }

  /** What one of the two outputs has shown, once it matches. Rejects when the process ends before it does. */
  shows(output: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray> {
    return until(
      () => `it shows ${pattern}; it shows ${this.stdout}${this.stderr}`,
      () => {
        const match = pattern.exec(this[output]);
        if (match) return match;
        if (this.#hasEnded) {
          throw new Error(`ended without ${pattern}: ${this.stdout}${this.stderr}`);
        }
        return undefined;
      },
    );
  }

  /** The exit code, or the name of the signal that ended it. */
  async exit(): Promise<unknown> {
    const [code, signal] = await this.#exited;
    return code ?? signal;
  }
}

function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("POSTHORN_")));
}
