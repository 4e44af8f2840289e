import { z } from "zod";
import { ConfigurationError } from "../../core/errors.ts";
import { RECORD_KINDS, type RecordCounts, type RecordKind, type RecordTypes } from "../../store/transfer.ts";
import { upToDate } from "./older-records.ts";
import { RECORD_SCHEMAS } from "./record-schemas.ts";

/**
 * The file of an export: lines of JSON. First a header, then one line per record, then an end that tells a whole file from one
 * that was cut off between two lines. docs/export.md describes it for other programs.
 */
export const FORMAT = "posthorn-export";
/** Goes up when a reader of the previous format would misunderstand the file; this one reads earlier formats too. */
export const FORMAT_VERSION = 2;

const counts = z.object(
  Object.fromEntries(RECORD_KINDS.map((kind) => [kind, z.int().min(0).default(0)])) as Record<
    RecordKind,
    z.ZodDefault<z.ZodInt>
  >, // all of them; an earlier version did not know some
);

const header = z.object({
  format: z.literal(FORMAT),
  version: z.int(),
  /** The database, without its password. */
  source: z.string(),
  exported_at: z.string(),
  /** The release that wrote it. */
  posthorn: z.string(),
  /** As of the beginning; the end says what the file holds. */
  counts,
});

export type Header = z.infer<typeof header>;

export type FileRecord = {
  [K in RecordKind]: { readonly kind: K; readonly record: RecordTypes[K] };
}[RecordKind];

export interface ExportEnd {
  readonly kind: "end";
  readonly counts: RecordCounts;
}

const end = z.object({ kind: z.literal("end"), counts });

export function headerLine(source: string, release: string, now: number, counted: RecordCounts): string {
  const exported_at = new Date(now).toISOString();
  return lineOf({
    format: FORMAT,
    version: FORMAT_VERSION,
    source,
    exported_at,
    posthorn: release,
    counts: counted,
  });
}

export function recordLine<K extends RecordKind>(kind: K, record: RecordTypes[K]): string {
  return lineOf({ kind, ...record });
}

export function endLine(counted: RecordCounts): string {
  return lineOf({ kind: "end", counts: counted });
}

export function noCounts(): Record<RecordKind, number> {
  return Object.fromEntries(RECORD_KINDS.map((kind) => [kind, 0])) as Record<RecordKind, number>; // all of them
}

export function sumOf(counted: RecordCounts): number {
  return RECORD_KINDS.reduce((sum, kind) => sum + counted[kind], 0);
}

/** @throws ConfigurationError when it is not an export, or one of a newer release. */
export function parseHeader(text: string, file: string): Header {
  const parsed = header.safeParse(parsedJson(text));
  if (!parsed.success) throw new ConfigurationError(`${file} is not an export of Posthorn`);
  if (parsed.data.version > FORMAT_VERSION) {
    throw new ConfigurationError(
      `${file} was written by a newer Posthorn (${parsed.data.posthorn}, format ${parsed.data.version}; this one knows ${FORMAT_VERSION}); install that release or a later one`,
    );
  }
  return parsed.data;
}

/** @throws ConfigurationError, which names the line and the field but never repeats their contents. */
export function parseLine(
  text: string,
  number: number,
  file: string,
  version: number,
): FileRecord | ExportEnd {
  const value = parsedJson(text);
  const ending = end.safeParse(value);
  if (ending.success) return ending.data;
  const { kind, ...record } = typeof value === "object" && value !== null && "kind" in value ? value : {};
  const known = RECORD_KINDS.find((each) => each === kind);
  if (!known) throw new ConfigurationError(`line ${number} of ${file} is not a record of an export`);
  const parsed = RECORD_SCHEMAS[known].safeParse(upToDate(known, record, version));
  if (parsed.success) return { kind: known, record: parsed.data } as FileRecord; // the schema is that of the kind
  const [issue] = parsed.error.issues;
  throw new ConfigurationError(
    `line ${number} of ${file} is ${/^[aeiou]/.test(known) ? "an" : "a"} ${known} that cannot be read: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
  );
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
