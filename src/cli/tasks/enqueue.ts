import { ConfigurationError } from "../../core/errors.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import { silentLog } from "../../observe/log.ts";
import { located } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { loadDefinitions } from "./task-files.ts";

export interface EnqueueCommandOptions extends GlobalOptions {
  readonly tasks: readonly string[];
  /** JSON text. */
  readonly input?: string;
  readonly key?: string;
  readonly delay?: number;
  readonly tag?: readonly string[];
}

/** Enqueues one job of a task, its input checked by the schema, and prints its id. A running worker picks it up by itself. */
export async function enqueue(name: string, options: EnqueueCommandOptions, io: Io): Promise<void> {
  const { tasks } = await loadDefinitions(options.tasks);
  const task = tasks.find((each) => each.name === name);
  if (!task) {
    throw new ConfigurationError(
      tasks.length === 0
        ? "say which module exports the task: --tasks <file> (POSTHORN_TASKS)"
        : `unknown task ${JSON.stringify(name)}; available: ${tasks.map((each) => each.name).join(", ")}`,
    );
  }
  const input = options.input === undefined ? undefined : jsonOf(options.input);
  const { key, delay, tag: tags } = options;
  const { openPosthorn } = await import("../../posthorn.ts");
  const masterKey = io.env.POSTHORN_MASTER_KEY;
  const posthorn = await openPosthorn({
    database: located(options.database),
    worker: false,
    log: silentLog,
    ...(masterKey && { masterKey }),
  });
  try {
    const { jobId, existing } = await posthorn.enqueue(task, input, withoutUndefined({ key, delay, tags }));
    const { status } = await posthorn.jobs.get(jobId);
    if (options.json) printJson(io.stdout, { job_id: jobId, status, ...(existing && { existing }) });
    else io.stdout.write(`${jobId} is ${status}${existing ? " already, with this key" : ""}\n`);
  } finally {
    await posthorn.close();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(`--input is not JSON; write it like '{"orderId": "42"}'`, { cause });
  }
}
