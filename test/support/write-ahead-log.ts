import { readFileSync } from "node:fs";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** The frames of the log's present round, by whether a transaction ends with them (https://www.sqlite.org/fileformat2.html#walformat). */
function frames(walFile: string): boolean[] {
  const bytes = readFileSync(walFile);
  const pageBytes = bytes.readUInt32BE(8);
  const salts = bytes.subarray(16, 24);
  const endings: boolean[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += FRAME_HEADER_BYTES + pageBytes) {
    if (!bytes.subarray(at + 8, at + 16).equals(salts)) break; // of an earlier round
    endings.push(bytes.readUInt32BE(at + 4) > 0); // how large the database is after the transaction
  }
  return endings;
}

/** How many transactions SQLite's write-ahead log holds. */
export function transactionsIn(walFile: string): number {
  return frames(walFile).filter(Boolean).length;
}

/** How many pages it holds, each as often as a transaction wrote it. */
export function framesIn(walFile: string): number {
  return frames(walFile).length;
}
