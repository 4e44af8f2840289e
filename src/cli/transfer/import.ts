import { createReadStream, existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ConfigurationError, StoreUnavailableError } from "../../core/errors.ts";
import { PAGE_BYTES } from "../../store/page-bytes.ts";
import type { Store } from "../../store/store.ts";
import type { RecordKind, RecordTypes } from "../../store/transfer.ts";
import { shownDatabase, withStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { type FileRecord, FORMAT_VERSION, noCounts, parseHeader, parseLine, sumOf } from "./export-file.ts";
import { linesOf } from "./lines.ts";
import { TransferProgress } from "./progress.ts";
import { refuseWhileWorking } from "./refuse-while-working.ts";

export interface ImportOptions extends GlobalOptions {
  /** A path, or `-`. */
  readonly in: string;
  /** Even while workers run jobs. */
  readonly live: boolean;
}

const BATCH = 500;
/** How often a batch is tried: what an import that was killed has left under way may hold up the same records for a while. */
const TRIES = 10;
const PAUSE_MS = 1_000;

/** Takes everything that an export holds into the database, except what is already there. */
export async function importAll(options: ImportOptions, io: Io): Promise<void> {
  const file = options.in === "-" ? "standard input" : options.in;
  if (options.in !== "-" && !existsSync(options.in)) {
    throw new ConfigurationError(`there is no file ${resolve(options.in)} to import`);
  }
  await withStore(options.database, async (store) => {
    if (!options.live) {
      const consequence = "imported jobs then run at once, before the rest is there";
      await refuseWhileWorking(store, shownDatabase(options.database), `use --live: ${consequence}`);
    }
    const input = options.in === "-" ? io.stdin : createReadStream(options.in);
    const { read, added, finished } = await readInto(store, input, file, options, io);
    while (await store.retention.maintain());
    report(options, io, read, added, finished);
  });
}

async function readInto(
  store: Store,
  input: AsyncIterable<string | Buffer>,
  file: string,
  options: ImportOptions,
  io: Io,
) {
  const stop = io.stopSignal();
  const counts = noCounts();
  let batch = new Batch();
  let progress: TransferProgress | undefined;
  let version = FORMAT_VERSION;
  let added = 0;
  let number = 0;
  const flush = async () => {
    added += await persistently(() => batch.importInto(store), stop);
    progress?.add(batch.size);
    batch = new Batch();
  };
  for await (const { text, isWhole } of linesOf(input)) {
    if (stop.aborted) break;
    number++;
    if (!isWhole) break;
    if (!progress) {
      const header = parseHeader(text, file);
      version = header.version;
      progress = new TransferProgress(io.stderr, "imported", sumOf(header.counts), options.json);
      continue;
    }
    const line = parseLine(text, number, file, version);
    if (line.kind === "end") {
      await flush();
      progress.end();
      if (sumOf(line.counts) !== sumOf(counts)) throw torn(file, "has lost lines");
      return { read: sumOf(counts), added, finished: true };
    }
    if (!batch.takes(line.kind)) await flush();
    counts[line.kind]++;
    batch.add(line, text.length);
  }
  await flush();
  progress?.end();
  if (!stop.aborted) throw torn(file, progress ? "ends before its last line" : "is empty");
  return { read: sumOf(counts), added, finished: false };
}

/** What is there already is left alone, so that a batch can be tried again, whatever its outcome was. */
async function persistently<Result>(attempt: () => Promise<Result>, stop: AbortSignal): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || tries === TRIES || stop.aborted) throw error;
      await pause(PAUSE_MS, undefined, { signal: stop }).catch(() => {});
    }
  }
}

/** Records of one kind that go into the database together. */
class Batch {
  readonly #records: FileRecord[] = [];
  #bytes = 0;

  get size(): number {
    return this.#records.length;
  }

  takes(kind: RecordKind): boolean {
    const [first] = this.#records;
    return !first || (first.kind === kind && this.size < BATCH && this.#bytes < PAGE_BYTES);
  }

  add(line: FileRecord, bytes: number): void {
    this.#records.push(line);
    this.#bytes += bytes;
  }

  /** How many were not there before. */
  async importInto(store: Store): Promise<number> {
    const [first] = this.#records;
    if (!first) return 0;
    const records = this.#records.map(({ record }) => record);
    const added = await store.transfer.add<RecordKind>(first.kind, records, store.clock.now());
    if (first.kind === "secret") await refuseOtherSecrets(store, records as RecordTypes["secret"][]); // all of its kind
    return added;
  }
}

/** Deliveries would be signed with a secret that no receiver knows. */
async function refuseOtherSecrets(store: Store, secrets: readonly RecordTypes["secret"][]): Promise<void> {
  for (const { name, sealed } of secrets) {
    if ((await store.secrets.get(name)) === sealed) continue;
    throw new ConfigurationError(
      `the database has a secret ${JSON.stringify(name)} of its own already, made by a server that was started on it; ` +
        "import into a database that no server has used",
    );
  }
}

function torn(file: string, what: string): ConfigurationError {
  return new ConfigurationError(
    `${file} ${what}: its export was interrupted, or it was cut since then. What it holds was imported; finish the export, and import again`,
  );
}

function report(options: ImportOptions, io: Io, read: number, added: number, finished: boolean): void {
  const database = shownDatabase(options.database);
  const present = read - added;
  if (options.json) printJson(io.stdout, { database, read, added, present, finished });
  else {
    const there = present === 0 ? "" : `; ${present} were already there`;
    io.stdout.write(`${added} records imported into ${database}${there}\n`);
  }
  if (!finished) io.stderr.write("Stopped before the end; the same command continues from there.\n");
}
