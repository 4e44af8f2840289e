import { ConfigurationError } from "../../core/errors.ts";
import type { Store } from "../../store/store.ts";
import { type RecordCounts, recordKey } from "../../store/transfer.ts";
import { VERSION } from "../../version.ts";
import { shownDatabase, withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson, written } from "../terminal/io.ts";
import { endLine, headerLine, noCounts, recordLine, sumOf } from "./export-file.ts";
import { openOutput, remaining, type Stopped } from "./output-file.ts";
import { TransferProgress } from "./progress.ts";
import { refuseWhileWorking } from "./refuse-while-working.ts";

export interface ExportOptions extends GlobalOptions {
  /** A path, or `-`. */
  readonly out: string;
  /** Even while workers run jobs. */
  readonly live: boolean;
}

const PAGE = 500;

/** Where lines go. */
interface Sink {
  write(text: string): Promise<unknown>;
}

/** Writes everything that the database keeps to a file, or continues one that was interrupted. */
export async function exportAll(options: ExportOptions, io: Io): Promise<void> {
  await withExistingStore(options.database, async (store) => {
    const source = shownDatabase(options.database);
    if (!options.live) {
      const consequence =
        "running jobs are then exported as queued, and changes made meanwhile are exported in part";
      await refuseWhileWorking(store, source, `use --live: ${consequence}`);
    }
    if (options.out === "-") {
      await writeTo({ write: (text) => written(io.stdout, text) }, store, source, undefined, options, io);
      return;
    }
    const { output, stopped } = await openOutput(options.out);
    try {
      if (stopped && stopped.header.source !== source) {
        throw new ConfigurationError(
          `${options.out} holds the beginning of an export of ${stopped.header.source}, not of ${source}; name another file`,
        );
      }
      await writeTo({ write: (text) => output.appendFile(text) }, store, source, stopped, options, io);
      await output.sync();
    } finally {
      await output.close();
    }
  });
}

async function writeTo(
  sink: Sink,
  store: Store,
  source: string,
  stopped: Stopped | undefined,
  options: ExportOptions,
  io: Io,
): Promise<void> {
  const stop = io.stopSignal();
  const counted = stopped?.header.counts ?? (await store.transfer.counts());
  if (!stopped) await sink.write(headerLine(source, VERSION, store.clock.now(), counted));
  const counts = { ...(stopped?.counts ?? noCounts()) };
  const progress = new TransferProgress(io.stderr, "exported", sumOf(counted), options.json, sumOf(counts));
  for (const [kind, from] of remaining(stopped?.last)) {
    let after = from;
    for (;;) {
      const page = stop.aborted ? [] : await store.transfer.page(kind, after, PAGE);
      const last = page.at(-1);
      if (!last) break;
      await sink.write(page.map((record) => recordLine(kind, record)).join(""));
      counts[kind] += page.length;
      after = recordKey(kind, last);
      progress.add(page.length);
      await new Promise(setImmediate); // lets a signal in: the store's promises alone never yield to the event loop
    }
  }
  progress.end();
  if (!stop.aborted) await sink.write(endLine(counts));
  report(options, io, source, counts, !stop.aborted);
}

function report(
  options: ExportOptions,
  io: Io,
  source: string,
  counts: RecordCounts,
  finished: boolean,
): void {
  const output = options.out === "-" ? io.stderr : io.stdout;
  if (options.json) printJson(output, { source, out: options.out, counts, finished });
  else output.write(`${sumOf(counts)} records exported, ${counts.job} of them jobs\n`);
  if (finished) return;
  const next = options.out === "-" ? "begins again" : "continues from there";
  io.stderr.write(`Stopped before the end; the same command ${next}.\n`);
}
