import type { TestContext } from "node:test";
import { Child } from "../../src/cli/test-kit/child.ts";
import { Api } from "./api.ts";

/** `posthorn serve --dev` as a process of its own, ready to be asked. It does not outlive the test. */
export class Server {
  readonly child: Child;
  readonly url: string;
  readonly api: Api;

  private constructor(child: Child, url: string) {
    this.child = child;
    this.url = url;
    this.api = new Api(url);
  }

  static start(t: TestContext, database: string, ...flags: string[]): Promise<Server> {
    return Server.startWith(t, {}, "--database", database, ...flags);
  }

  /** With settings in its environment. */
  static async startWith(t: TestContext, env: NodeJS.ProcessEnv, ...flags: string[]): Promise<Server> {
    return Server.#of(new Child(t, serve(flags), env));
  }

  /** By a command in front of it, which becomes its process. */
  static async startUnder(
    t: TestContext,
    under: readonly string[],
    env: NodeJS.ProcessEnv,
    ...flags: string[]
  ): Promise<Server> {
    return Server.#of(new Child(t, serve(flags), env, undefined, under));
  }

  static async #of(child: Child): Promise<Server> {
    const [, url = ""] = await child.shows("stdout", /"url":"([^"]+)"/);
    return new Server(child, url);
  }

  get pid(): number {
    const { pid } = this.child.process;
    if (pid === undefined) throw new Error("the server was never started");
    return pid;
  }

  signal(name: NodeJS.Signals): void {
    this.child.process.kill(name);
  }

  /** Its exit code, or the name of the signal that it died of. */
  ended(): Promise<unknown> {
    return this.child.exit();
  }

  /** Asks it to stop, and waits until it has. */
  stop(): Promise<unknown> {
    this.signal("SIGTERM");
    return this.ended();
  }

  /** Once its log says so. */
  logs(pattern: RegExp): Promise<RegExpExecArray> {
    return this.child.shows("stderr", pattern);
  }
}

function serve(flags: readonly string[]): string[] {
  return ["serve", "--dev", "--json", "--port", "0", ...flags];
}
