import { Worker } from "node:worker_threads";

/** `node --input-type=module --eval …`: a thread would inherit flags that no file may be run with. */
const isGivenAsText = process.execArgv.some((flag) => flag.startsWith("--input-type"));

/**
 * Starts a thread.
 * @param entry where it begins: a module, or its code. The build puts the code in the place of each module, with all that it
 *   imports, because a bundler would leave the module's file behind.
 * @param data what the thread finds as its `workerData`.
 */
export function startThread(entry: URL | string, data?: unknown): Worker {
  return new Worker(entry, {
    eval: typeof entry === "string",
    workerData: data,
    ...(isGivenAsText && { execArgv: [] }),
  });
}
