import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Readable } from "node:stream";
import type { TestContext } from "node:test";
import { type Started, start } from "../../scripts/processes.ts";
import { scratchDatabase } from "./scratch.ts";

const root = join(import.meta.dirname, "..", "..");
const START_MS = 120_000;
const STOP_MS = 60_000;

/** An example as `npm run example` starts it, on a free port. It does not outlive the test. */
export class Example {
  readonly url: string;
  readonly #started: Started;
  readonly #folder: string;

  private constructor(started: Started, url: string, folder: string) {
    this.#started = started;
    this.url = url;
    this.#folder = folder;
  }

  static async start(t: TestContext, name: string): Promise<Example> {
    const folder = dirname(scratchDatabase());
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    chmodSync(folder, 0o755); // PostgreSQL, when root starts it, runs as another user, who reads there
    const started = start(process.execPath, [join(root, "scripts", "example.ts"), name], {
      cwd: folder, // whatever it might leave is not left in the repository
      env: { ...process.env, PORT: "0", TMPDIR: temporary, TEMP: temporary, NODE_TEST_CONTEXT: undefined },
    });
    t.after(() => started.ended(0).catch(() => {})); // ends it if it is still running
    const [, url = ""] = await started.prints(/^listening on (http\S+)$/m, START_MS);
    return new Example(started, url, folder);
  }

  /** Every line printed so far that begins with this, once there is one. */
  async lines(beginning: string): Promise<string[]> {
    const line = new RegExp(`^${beginning}.*$`, "m");
    await this.#started.prints(line, START_MS);
    return this.#started.stdout().match(new RegExp(line, "gm")) ?? [];
  }

  /** The server-sent events of a stream, as they come, until it ends. */
  async *events(path: string): AsyncGenerator<{ readonly event: string; readonly data: unknown }> {
    const { body } = await this.get(path);
    let event = "";
    for await (const line of createInterface({ input: Readable.from(body ?? []) })) {
      if (line.startsWith("event: ")) event = line.slice("event: ".length);
      if (line.startsWith("data: ")) yield { event, data: JSON.parse(line.slice("data: ".length)) };
    }
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`);
  }

  post(path: string, body?: unknown): Promise<Response> {
    const content = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return fetch(`${this.url}${path}`, { method: "POST", ...(body !== undefined && content) });
  }

  /** Stops it as an init system would: it ends by itself, with 0, and leaves no file behind. */
  async stops(): Promise<void> {
    this.#started.signal("SIGTERM");
    const ending = await this.#started.ended(STOP_MS);
    assert.deepEqual(ending, { code: 0, signal: null }, this.#started.output());
    assert.deepEqual(readdirSync(this.#folder, { recursive: true }), ["tmp"]);
  }
}
