import { availableParallelism } from "node:os";
import { ConfigurationError } from "../core/errors.ts";
import { PayloadTags } from "../core/json/payload-tags.ts";
import type { Audit } from "../engine/audit/audit.ts";
import type { Engine } from "../engine/engine.ts";
import type { Jobs } from "../engine/jobs.ts";
import { Schedules } from "../tasks/schedules.ts";
import { Tasks } from "../tasks/tasks.ts";
import { Threads } from "../tasks/threads/threads.ts";
import type { Parts } from "./parts.ts";

interface Around {
  readonly engine: Engine;
  readonly jobs: Jobs;
  readonly audit: Audit;
}

/**
 * What programs define, tasks and schedules, and the threads that their handlers may run in.
 * @throws ConfigurationError, InvalidInputError for a task or schedule that is wrong.
 */
export async function definitions(parts: Parts, { engine, jobs, audit }: Around) {
  const { store, clock, instrument, payloadTags = PayloadTags.none } = parts;
  const threads = new Threads(availableParallelism(), ({ error, job }) =>
    instrument["error.left behind"].publish({ error, jobId: job?.id, task: job?.task }),
  );
  const tasks = new Tasks({ engine, clock, jobs, threads, payloadTags });
  for (const definition of listOf(parts.tasks, "tasks")) tasks.add(definition);
  const schedules = new Schedules({ shelf: store.schedules, clock, audit, engine });
  for (const definition of listOf(parts.schedules, "schedules")) await schedules.declare(definition);
  return { threads, tasks, schedules };
}

/** @throws ConfigurationError: an object of definitions is easily passed in place of a list. */
function listOf<Definition>(list: readonly Definition[], option: string): readonly Definition[] {
  if (Array.isArray(list)) return list;
  throw new ConfigurationError(`${option} must be a list, such as [sendReceipt]`);
}
