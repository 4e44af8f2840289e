import { createLog } from "../../observe/log.ts";
import { VERSION } from "../../version.ts";
import { located, shownDatabase } from "../database.ts";
import { open } from "../open-posthorn.ts";
import { announceDrain } from "../serve/announce-drain.ts";
import { announceStart } from "../serve/announce-start.ts";
import { listenForMetricsOf } from "../serve/listen-for-metrics.ts";
import { tightenHeap } from "../serve/tight-heap.ts";
import type { WorkOptions } from "../serve/work-settings.ts";
import { aborted, type Io, printJson } from "../terminal/io.ts";

/**
 * Runs jobs, without the API, until it is asked to stop; then it takes no more work, and waits for running jobs.
 * @throws ConfigurationError, StoreUnusableError, StoreUnavailableError when it cannot start.
 */
export async function work(options: WorkOptions, io: Io, settings: readonly string[]): Promise<void> {
  tightenHeap();
  const stop = io.stopSignal();
  const log = createLog({ level: options.logLevel, pretty: io.stderr.isTTY === true && !options.json });
  const posthorn = await open({ ...options, worker: true }, located(options.database), io, log);
  let watched: Awaited<ReturnType<typeof listenForMetricsOf>>;
  try {
    watched = await listenForMetricsOf(posthorn, options.metricsListen);
    const handled = posthorn.tasks.list().filter(({ options: { run, thread } }) => run ?? thread); // the others are left to others
    const tasks = handled.map(({ name }) => name);
    const { concurrency } = options;
    const database = shownDatabase(options.database);
    if (options.json) printJson(io.stdout, { database, tasks, concurrency, pid: process.pid });
    else
      io.stdout.write(
        `Posthorn ${VERSION} runs jobs, ${concurrency} at once\n\n` +
          `  data   ${database}\n  tasks  ${["webhook.deliver", ...tasks].join(", ")}\n${watched ? `  metrics  ${watched.url}/metrics\n` : ""}\n`,
      );
    announceStart({ database: options.database, slots: concurrency, settings }, log, io);
    await aborted(stop);
    log.info({ signal: stop.reason }, "stopping: no new jobs");
    announceDrain(posthorn, options.drainTimeout, log);
    await posthorn.drain();
  } finally {
    await watched?.close();
    await posthorn.close();
  }
  log.info({}, "stopped");
}
