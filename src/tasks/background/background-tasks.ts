import { TaskDefinition } from "../task-definition.ts";
import { BackgroundLine } from "./background-line.ts";
import type { BackgroundRunner } from "./background-runner.ts";
import { workOfFunction, workOfTask } from "./background-work.ts";

/**
 * The best-effort tasks of one request: collected while the route runs, run after its response. The adapters make one for each
 * request and call `release` or `discard`; a route only adds.
 * @example
 * app.post("/orders", async (c) => {
 *   const order = await orders.create(await c.req.json());
 *   c.var.background.add(sendReceipt, { orderId: order.id });
 *   c.var.background.add(warmCache, order.id);
 *   return c.json(order, 201);
 * });
 */
export class BackgroundTasks {
  readonly #runner: BackgroundRunner;
  readonly #line = new BackgroundLine();
  #fate: "collecting" | "parked" | "released" | "discarded" = "collecting";

  constructor(runner: BackgroundRunner) {
    this.#runner = runner;
  }

  /**
   * Runs a task, or calls a function with the arguments given, once, after this response has been sent; immediately if it has been sent
   * already. Only the task's `input` and `timeout` options apply here. A function has the runner's timeout.
   * @throws InvalidInputError naming the fields when the input does not fit the task's schema.
   * @throws OverloadedError when too many tasks are waiting. Nothing was added; answer 503.
   * @throws ConfigurationError when the task cannot be run here: it has no `run`, or its schema is asynchronous;
   *   or when what is given is neither a task nor a function.
   */
  add<Given, Input, Result>(
    task: TaskDefinition<Given, Input, Result>,
    ...input: undefined extends Given ? [input?: Given] : [input: Given]
  ): void;
  add<Args extends readonly unknown[]>(action: (...args: Args) => unknown, ...args: Args): void;
  add(given: TaskDefinition | ((...args: unknown[]) => unknown), ...args: unknown[]): void {
    const work =
      given instanceof TaskDefinition
        ? workOfTask(given, args[0])
        : workOfFunction(given, args, this.#runner.timeoutMs);
    if (this.#fate === "discarded") return;
    this.#runner.reserve();
    this.#line.push(work);
    if (this.#fate === "parked") this.#runner.adjustQueued(-1);
    if (this.#fate === "released") this.#runner.enter(this.#line);
  }

  /** The response is over: runs what was added, and what is added from now on. */
  release(): void {
    if (this.#fate === "parked") this.#runner.adjustQueued(this.#line.size);
    else if (this.#fate !== "collecting") return;
    this.#fate = "released";
    if (this.#line.size > 0) this.#runner.enter(this.#line);
  }

  /** The route failed: drops what was added, and what is added from now on. Does nothing after `release`. */
  discard(): void {
    if (this.#fate === "released") return;
    this.park();
    this.#fate = "discarded";
    this.#line.clear();
  }

  /**
   * The client has gone and the route may never finish: until `release`, what was added takes no room in the queue, and `drain` does not
   * wait for it.
   */
  park(): void {
    if (this.#fate !== "collecting") return;
    this.#fate = "parked";
    this.#runner.adjustQueued(-this.#line.size);
  }
}
