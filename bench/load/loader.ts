import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Report } from "./ledger.ts";
import type { Ask, Tell } from "./messages.ts";
import type { LoadPlan } from "./plan.ts";

/** The load generator and receiver, from the runner's side. */
export class Loader {
  /** The receiver's. */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(): Promise<Loader> {
    const child = fork(join(import.meta.dirname, "process.ts"), { serialization: "advanced" });
    const { url } = await told(child, "listening");
    return new Loader(child, url);
  }

  /** Resolves when all that was accepted has arrived, or the time for that is over; how many cores it kept busy. */
  async load(url: string, plan: LoadPlan): Promise<number> {
    this.#ask({ kind: "load", url, plan });
    return (await told(this.#child, "loaded")).cores;
  }

  /** Of the last load, with all that has come since. */
  async report(): Promise<Report> {
    this.#ask({ kind: "report" });
    return (await told(this.#child, "report")).report;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }

  #ask(ask: Ask): void {
    this.#child.send(ask);
  }
}

async function told<Kind extends Tell["kind"]>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<Tell, { kind: Kind }>> {
  const ending = new AbortController();
  const { signal } = ending;
  try {
    const [message] = await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }).then(() => {
        throw new Error("the load generator ended");
      }),
    ]);
    if (message.kind !== kind) throw new Error(`the load generator told "${message.kind}", not "${kind}"`);
    return message;
  } finally {
    ending.abort();
  }
}
