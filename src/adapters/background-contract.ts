import assert from "node:assert/strict";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { describe, type TestContext, test } from "node:test";
import { OverloadedError } from "../core/errors.ts";
import { RawConnection } from "../http/test-kit/raw-connection.ts";
import { silentLog } from "../observe/log.ts";
import { BackgroundRunner, type BackgroundRunnerOptions } from "../tasks/background/background-runner.ts";
import type { BackgroundTasks } from "../tasks/background/background-tasks.ts";
import { Gate } from "./test-kit/gate.ts";
import { listening } from "./test-kit/listening.ts";

/** What a route answers with. */
export interface BackgroundAnswer {
  readonly status: number;
  readonly body: string;
}

export type BackgroundRoute = (background: BackgroundTasks) => BackgroundAnswer | Promise<BackgroundAnswer>;

export interface BackgroundServeOptions {
  readonly runner: BackgroundRunner;
  /** Answers `POST /`. */
  readonly route: BackgroundRoute;
  /** With this status the app's own error handler answers; without, the framework's. */
  readonly errorStatus?: number;
}

/** A server, not yet listening, whose app has the adapter and one route. */
export type ServeWith = (options: BackgroundServeOptions) => Server | Promise<Server>;

const REQUEST = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
const OK: BackgroundAnswer = { status: 201, body: "created" };

/** What is true of best-effort tasks in every framework, on a real server. */
export function backgroundContract(name: string, serveWith: ServeWith): void {
  const serve = (
    t: TestContext,
    route: BackgroundRoute,
    options: Partial<BackgroundServeOptions & BackgroundRunnerOptions> = {},
  ) => ServedRoute.start(t, serveWith, route, options);

  describe(`background tasks in ${name}`, () => {
    test("run after the response was sent, in the order added", async (t) => {
      const served = await serve(t, async (background) => {
        background.add(() => served.note("first"));
        background.add(async () => served.note("second"));
        await Promise.resolve();
        background.add(() => served.note("third"));
        served.note("answered");
        return OK;
      });
      assert.match(await served.ask(), /^HTTP\/1\.1 201[\s\S]*created/);
      await served.noted("third");
      assert.deepEqual(served.notes, ["answered", "response over", "first", "second", "third"]);
    });

    test("that fail are reported once, by name, and do not stop the next", async (t) => {
      const served = await serve(t, (background) => {
        background.add(function first() {
          throw new Error("no luck");
        });
        background.add(async function second() {
          throw new Error("none either");
        });
        background.add(() => served.note("third"));
        return OK;
      });
      await served.ask();
      await served.noted("third");
      assert.deepEqual(served.failures, [
        ["first", "no luck"],
        ["second", "none either"],
      ]);
    });

    for (const [why, errorStatus] of [
      ["the framework answers", undefined],
      ["the app's error handler answers 422", 422],
    ] as const) {
      for (const [how, fail] of [
        ["throws", (error: Error) => raise(error)],
        ["rejects", (error: Error) => Promise.reject(error)],
      ] as const) {
        test(`of a route that ${how} do not run, when ${why}`, async (t) => {
          let failing = true;
          const route: BackgroundRoute = (background) => {
            background.add(() => served.note(failing ? "of the failed" : "of the next"));
            if (failing) return fail(new Error("the route failed"));
            return OK;
          };
          const served = await serve(t, route, errorStatus === undefined ? {} : { errorStatus });
          assert.match(await served.ask(), new RegExp(`^HTTP/1\\.1 ${errorStatus ?? 500}`));
          failing = false;
          await served.ask();
          await served.noted("of the next");
          assert.ok(!served.notes.includes("of the failed"));
          assert.equal(served.runner.counts.queued, 0);
        });
      }
    }

    test("run when the route itself answers with an error", async (t) => {
      const served = await serve(t, (background) => {
        background.add(() => served.note("ran"));
        return { status: 409, body: "conflict" };
      });
      assert.match(await served.ask(), /^HTTP\/1\.1 409/);
      await served.noted("ran");
    });

    test("run when the client goes away before the response", async (t) => {
      const [isIn, mayAnswer] = [new Gate(), new Gate()];
      const served = await serve(t, async (background) => {
        background.add(() => served.note("before"));
        isIn.open();
        await mayAnswer.opened;
        background.add(() => served.note("after"));
        return OK;
      });
      const client = await served.connect();
      client.send(REQUEST);
      await isIn.opened;
      client.destroy();
      await served.noted("response over");
      assert.deepEqual(served.notes, ["response over"], "the route may still throw");
      mayAnswer.open();
      await served.noted("after");
      assert.deepEqual(served.notes, ["response over", "before", "after"]);
      assert.equal(served.runner.counts.queued, 0);
    });

    test("do not run when the client goes away and then the route throws", async (t) => {
      const [isIn, mayThrow, hasThrown] = [new Gate(), new Gate(), new Gate()];
      const served = await serve(t, async (background) => {
        if (hasThrown.isOpen) {
          background.add(() => served.note("of the next"));
          return OK;
        }
        background.add(() => served.note("of the failed"));
        isIn.open();
        await mayThrow.opened;
        hasThrown.open();
        throw new Error("the route failed");
      });
      const client = await served.connect();
      client.send(REQUEST);
      await isIn.opened;
      client.destroy();
      await served.noted("response over");
      mayThrow.open();
      await hasThrown.opened;
      await served.ask();
      await served.noted("of the next");
      assert.ok(!served.notes.includes("of the failed"));
      assert.equal(served.runner.counts.queued, 0);
    });

    test("leave the connection free: the next request on it is answered while they run", async (t) => {
      const [begun, mayEnd] = [new Gate(), new Gate()];
      let requests = 0;
      const served = await serve(t, (background) => {
        if (++requests === 1) {
          background.add(async () => {
            begun.open();
            await mayEnd.opened;
            served.note("of the first");
          });
        }
        return { status: 200, body: `answer ${requests}.` };
      });
      const client = await served.connect();
      client.send(REQUEST);
      await client.received(/answer 1\./);
      await begun.opened;
      client.send(REQUEST);
      await client.received(/answer 2\./);
      assert.ok(!served.notes.includes("of the first"));
      mayEnd.open();
      await served.noted("of the first");
    });

    test("are refused in the route when too many wait, and the route may answer 503", async (t) => {
      const served = await serve(
        t,
        (background) => {
          background.add(() => served.note("the one that fits"));
          try {
            background.add(() => served.note("one too many"));
          } catch (error) {
            assert.ok(error instanceof OverloadedError);
            return { status: 503, body: "later" };
          }
          return OK;
        },
        { maxQueued: 1 },
      );
      assert.match(await served.ask(), /^HTTP\/1\.1 503/);
      assert.equal(served.runner.counts.refused, 1);
    });

    test("can be added when the response is over already", async (t) => {
      const served = await serve(t, (background) => {
        background.add(() => {
          background.add(() => served.note("second"));
          served.note("first");
        });
        return OK;
      });
      await served.ask();
      await served.noted("second");
      assert.deepEqual(served.notes, ["response over", "first", "second"]);
    });
  });
}

function raise(error: Error): never {
  throw error;
}

/** A route served by a framework, what it notes down, and a client. */
class ServedRoute {
  readonly notes: string[] = [];
  readonly failures: [task: string, message: string][] = [];
  readonly runner: BackgroundRunner;
  readonly #t: TestContext;
  #url = "";
  #look: () => void = () => {};

  private constructor(t: TestContext, options: BackgroundRunnerOptions) {
    this.#t = t;
    this.runner = new BackgroundRunner({
      log: silentLog,
      onError: (error, task) => this.failures.push([task, error instanceof Error ? error.message : ""]),
      ...options,
    });
  }

  static async start(
    t: TestContext,
    serveWith: ServeWith,
    route: BackgroundRoute,
    options: Pick<BackgroundServeOptions, "errorStatus"> & BackgroundRunnerOptions,
  ): Promise<ServedRoute> {
    const { errorStatus, ...ofRunner } = options;
    const served = new ServedRoute(t, ofRunner);
    const own = errorStatus === undefined ? {} : { errorStatus };
    const server = await serveWith({ ...own, runner: served.runner, route });
    // Before the framework's own listeners, so that the response is noted as over before anything else hears of it.
    server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
      response.once("close", () => served.note("response over"));
    });
    served.#url = await listening(t, server);
    return served;
  }

  note(what: string): void {
    this.notes.push(what);
    this.#look();
  }

  async noted(what: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#look = () => this.notes.includes(what) && resolve();
      this.#look();
    });
  }

  async connect(): Promise<RawConnection> {
    const connection = await RawConnection.open(this.#url);
    this.#t.after(() => connection.destroy());
    return connection;
  }

  /** The whole answer, on a connection of its own. */
  async ask(): Promise<string> {
    const connection = await this.connect();
    connection.send(REQUEST.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    await connection.closed;
    return connection.received(/^/);
  }
}
