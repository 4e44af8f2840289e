import type { Clock } from "../core/clock.ts";
import type { Duration } from "../core/duration.ts";
import { ConfigurationError, InvalidInputError, JobNotFoundError } from "../core/errors.ts";
import type { SettledGroup } from "../core/follow-up.ts";
import { newId } from "../core/id.ts";
import type { Job } from "../core/job.ts";
import type { Jsonified } from "../core/json/jsonified.ts";
import type { PayloadTags } from "../core/json/payload-tags.ts";
import { durationOf, refuseOther, refuseUnknown, wrong, YEAR_MS } from "../core/options.ts";
import type { Outcome } from "../core/outcome.ts";
import type { PublicJob } from "../core/public-job.ts";
import type { Engine } from "../engine/engine.ts";
import type { Accepted, Idempotency } from "../engine/intake/intake.ts";
import { publicJob } from "../engine/public-job.ts";
import type { Pool } from "../engine/working/pool.ts";
import type { NewJob } from "../store/queue.ts";
import { DefinedTask } from "./defined-task.ts";
import type { EnqueueOptions, TaskRequest } from "./enqueue-options.ts";
import { checkTask, followUpOf, newJobOf } from "./new-job.ts";
import { type Handler, type Runner, runHere } from "./runner.ts";
import { type TaskContext, TaskDefinition, type TaskOptions, type TaskTaking } from "./task-definition.ts";

export interface TasksParts {
  readonly engine: Pick<Engine, "handle" | "intake">;
  readonly clock: Clock;
  readonly payloadTags: PayloadTags;
  readonly jobs: { get(id: string): Promise<Job>; waitUntilEnded(id: string, ms: number): Promise<Job> };
  /** Runs the handlers of tasks that have a `thread`. */
  readonly threads: {
    readonly pool: Pool;
    run(module: string, input: unknown, context: TaskContext, timeoutMs: number): Promise<Outcome>;
  };
}

/** Jobs that were enqueued together; they are on disk. */
export interface ManyEnqueued {
  /** In the order of the requests. If a queued or running job has a request's key, that job's id. */
  readonly jobIds: readonly string[];
  /** For `posthorn.jobs.group`, when `onSettled` was given. */
  readonly groupId: string | undefined;
  /** True if an earlier call with the same idempotency key created them; this call created nothing. */
  readonly replayed: boolean;
}

export interface EnqueueManyOptions {
  /** Enqueued once all of the jobs have ended, with how they ended as its input. */
  readonly onSettled?: TaskTaking<SettledGroup>;
  /** A transaction of the caller's; see `enqueue`. */
  readonly tx?: unknown;
}

/** The tasks that a program defines: enqueues, handles and looks them up. */
export class Tasks {
  readonly #parts: TasksParts;
  readonly #definitions = new Map<string, TaskDefinition>();

  constructor(parts: TasksParts) {
    this.#parts = parts;
  }

  /**
   * Registers a task by its name, and handles its jobs if it has a handler.
   * @throws ConfigurationError when the name is taken.
   * @throws InvalidInputError when it is not what `task` returns.
   */
  add(definition: TaskDefinition): void {
    checkTask(definition);
    if (this.#definitions.has(definition.name))
      throw new ConfigurationError(`task ${definition.name}: another task already has this name`);
    this.#definitions.set(definition.name, definition);
    const runner = this.#runnerOf(definition);
    if (runner) this.#parts.engine.handle(new DefinedTask(definition, runner));
  }

  /** The task of this name, if it is registered in this process. */
  find(name: string): TaskDefinition | undefined {
    return this.#definitions.get(name);
  }

  /** By name. */
  list(): TaskDefinition[] {
    return [...this.#definitions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Handles the jobs of a task whose definition has no handler.
   * @throws ConfigurationError when the task has a handler already.
   * @example
   * posthorn.work(transcode, async ({ file }, { signal }) => ({ seconds: await encode(file, { signal }) }));
   */
  work<Given, Input, Result>(
    definition: TaskDefinition<Given, Input, Result>,
    handler: NonNullable<TaskOptions<Input, Result>["run"]>,
  ): void {
    checkTask(definition);
    if (typeof handler !== "function") throw wrong(["handler"], "must be a function");
    const known = this.#definitions.get(definition.name);
    if (known && known !== (definition as unknown))
      throw new ConfigurationError(`task ${definition.name}: another task already has this name`);
    if (!known) this.#definitions.set(definition.name, definition as unknown as TaskDefinition); // its types are for callers
    const runner = runHere(handler as Handler, this.#parts.clock); // it takes checked inputs
    this.#parts.engine.handle(new DefinedTask(definition as unknown as TaskDefinition, runner));
  }

  /**
   * Enqueues a durable job: it is on disk when the promise resolves. With `tx`, a transaction of your own, it is once you commit: a
   * `DatabaseSync` of node:sqlite, a client of pg, or a transaction of Drizzle, Kysely, Prisma or postgres.js.
   * @throws InvalidInputError naming each field of the input, or the option, that is wrong.
   * @throws OverloadedError, StoreUnavailableError: nothing was stored; try again.
   * @throws KeyReusedError, DuplicateKeyError when the idempotency key was used before; TransactionError when `tx` is not a transaction of this
   * database.
   * @example
   * const { jobId } = await posthorn.enqueue(sendReceipt, { orderId: "o42" }, { delay: "10m", key: "receipt:o42" });
   */
  async enqueue<Given, Input, Result>(
    task: TaskDefinition<Given, Input, Result>,
    input: Given,
    options: EnqueueOptions & { readonly tx?: unknown } = {},
    idempotency?: Idempotency,
  ): Promise<Accepted> {
    refuseOther(options, ["options"], 'must be an object, such as { delay: "10m" }');
    const { tx, ...own } = options;
    const { clock, engine, payloadTags } = this.#parts;
    const job = payloadTags.onto(await newJobOf(task, input, own, clock.now()));
    return engine.intake.accept(job, idempotency, tx);
  }

  /**
   * Enqueues several jobs in one transaction, all or none; at most 10 000. With `onSettled`, that task gets a job once all of them
   * have ended.
   * @param idempotency repeated calls with the same key enqueue once, and all return the first call's jobs.
   * @throws InvalidInputError (its path begins with the request's index), and what `enqueue` throws.
   * @example
   * const { jobIds, groupId } = await posthorn.enqueueMany(pages.map((page) => request(part, { page })), { onSettled: allDone });
   */
  async enqueueMany(
    requests: readonly TaskRequest[],
    options: EnqueueManyOptions = {},
    idempotency?: Idempotency,
  ): Promise<ManyEnqueued> {
    refuseUnknown(options, ["onSettled", "tx"] satisfies (keyof EnqueueManyOptions)[]);
    const { onSettled, tx } = options;
    if (onSettled !== undefined && !(onSettled instanceof TaskDefinition))
      throw wrong(["onSettled"], "must be a task");
    const { clock, engine } = this.#parts;
    const groupId = onSettled && newId("grp", clock.now());
    const jobs: NewJob[] = [];
    if (!Array.isArray(requests)) throw wrong(["requests"], "must be a list of what `request` returns");
    for (const [at, request] of requests.entries()) {
      jobs.push(await this.#jobOf(request, clock.now(), groupId).catch(inRequest(at)));
    }
    const groups = onSettled && groupId ? [{ id: groupId, onSettled: followUpOf(onSettled) }] : [];
    const { jobIds, groupIds, replayed } = await engine.intake.submit({ jobs, groups, idempotency, tx });
    return { jobIds, groupId: groupIds[0], replayed };
  }

  /**
   * Looks up a job of a task, with its result typed.
   * @param wait how long to wait for the job to end first. Default: not at all.
   * @throws JobNotFoundError when the task has no job with this id.
   * @example
   * const { status, result } = await posthorn.result(sendReceipt, jobId, "10s");
   */
  async result<Given, Input, Result>(
    task: TaskDefinition<Given, Input, Result>,
    jobId: string,
    wait: Duration = 0,
  ): Promise<PublicJob<Jsonified<Result>>> {
    const { jobs } = this.#parts;
    checkTask(task);
    const waitMs = durationOf(wait, 0, YEAR_MS, ["wait"]);
    const job = waitMs > 0 ? await jobs.waitUntilEnded(jobId, waitMs) : await jobs.get(jobId);
    if (job.task !== task.name) throw new JobNotFoundError(jobId);
    return publicJob<Jsonified<Result>>(job);
  }

  async #jobOf(request: TaskRequest, now: number, groupId: string | undefined): Promise<NewJob> {
    refuseOther(request, ["request"], "must be what `request` returns");
    refuseUnknown(request, ["task", "input", "options"] satisfies (keyof TaskRequest)[]);
    const { task, input, options = {} } = request; // who does not build it with `request` may leave them out
    return this.#parts.payloadTags.onto(await newJobOf(task, input, options, now, groupId));
  }

  #runnerOf({ options }: TaskDefinition): Runner | undefined {
    const { run, thread } = options;
    const { threads, clock } = this.#parts;
    if (thread !== undefined)
      return { keepsTime: true, pool: threads.pool, run: threads.run.bind(threads, thread) };
    return run && runHere((input, context) => run.call(options, input, context), clock);
  }
}

/** A problem of one request of many, said as such. */
function inRequest(at: number): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(
      error.problems.map((problem) => ({ ...problem, path: [at, ...problem.path] })),
    );
  };
}
