import { readFileSync } from "node:fs";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * How many transactions SQLite's write-ahead log holds: each ends with a frame that says how large the database is after
 * it (https://www.sqlite.org/fileformat2.html#walformat). Frames of an earlier round have other salts.
 */
export function transactionsIn(walFile: string): number {
  const bytes = readFileSync(walFile);
  const pageBytes = bytes.readUInt32BE(8);
  const salts = bytes.subarray(16, 24);
  let transactions = 0;
  for (let at = HEADER_BYTES; at < bytes.length; at += FRAME_HEADER_BYTES + pageBytes) {
    if (!bytes.subarray(at + 8, at + 16).equals(salts)) break;
    if (bytes.readUInt32BE(at + 4) > 0) transactions++;
  }
  return transactions;
}
