import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { ConfigurationError } from "../../core/errors.ts";
import { RECORD_KINDS, type RecordCounts, type RecordKind, recordKey } from "../../store/transfer.ts";
import { FORMAT, FORMAT_VERSION, type Header, noCounts, parseHeader, parseLine } from "./export-file.ts";
import { linesOf } from "./lines.ts";

/** Where an interrupted export stopped. */
export interface Stopped {
  readonly header: Header;
  /** What the file holds. */
  readonly counts: RecordCounts;
  /** The kind and the key of its last record; undefined when it holds none. */
  readonly last: { readonly kind: RecordKind; readonly key: string } | undefined;
  /** How many of its bytes are whole lines. */
  readonly bytes: number;
}

/** Opens the file to append to: a new one, for its owner only, or one that an interrupted export left. */
export async function openOutput(
  file: string,
): Promise<{ output: FileHandle; stopped: Stopped | undefined }> {
  await refuseSpecial(file);
  const output = await open(file, "a+", 0o600);
  try {
    const stopped = await whereItStopped(file);
    await output.truncate(stopped?.bytes ?? 0); // a line that was cut off is written again
    return { output, stopped };
  } catch (error) {
    await output.close();
    throw error;
  }
}

/** A device or a pipe cannot be gone on with, and reading what it holds may never end. */
async function refuseSpecial(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined); // opening says best what is wrong
  if (!found || found.isFile()) return;
  throw new ConfigurationError(
    `${file} is not a regular file; name one, or write to standard output with --out - and redirect that`,
  );
}

/** @throws ConfigurationError when the file holds something else, or a whole export. */
async function whereItStopped(file: string): Promise<Stopped | undefined> {
  const counts = noCounts();
  let header: Header | undefined;
  let last: Stopped["last"];
  let bytes = 0;
  let number = 0;
  for await (const { text, end, isWhole } of linesOf(createReadStream(file))) {
    number++;
    if (!isWhole) {
      if (!header) refuseForeign(text, file);
      break;
    }
    if (header) {
      const line = parseLine(text, number, file, header.version);
      if (line.kind === "end") throw whole(file, header);
      counts[line.kind]++;
      last = { kind: line.kind, key: recordKey<RecordKind>(line.kind, line.record) };
    } else header = ofToday(parseHeader(text, file), file);
    bytes = end;
  }
  return header && { header, counts, last, bytes };
}

/** The truncated beginning of a header is ours; anything else must not be overwritten. */
function refuseForeign(text: string, file: string): void {
  const start = `{"format":"${FORMAT}"`;
  if (text.startsWith(start) || start.startsWith(text)) return;
  throw new ConfigurationError(`${file} exists, and is not an export of Posthorn; name another file`);
}

/** Two versions of the format in one file would be none. */
function ofToday(header: Header, file: string): Header {
  if (header.version === FORMAT_VERSION) return header;
  throw new ConfigurationError(
    `${file} holds an export that an older Posthorn wrote (format ${header.version}; this one writes ${FORMAT_VERSION}); name another file, or remove it first`,
  );
}

function whole(file: string, { exported_at, source }: Header): ConfigurationError {
  return new ConfigurationError(
    `${file} already holds a whole export (of ${source}, begun at ${exported_at}); name another file, or remove it first`,
  );
}

/** The kinds still to export, each with the key to continue after. */
export function remaining(last: Stopped["last"]): readonly (readonly [RecordKind, string | null])[] {
  const from = last ? RECORD_KINDS.indexOf(last.kind) : 0;
  return RECORD_KINDS.slice(from).map((kind) => [kind, kind === last?.kind ? last.key : null]);
}
