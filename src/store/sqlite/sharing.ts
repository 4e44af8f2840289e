import { ConfigurationError } from "../../core/errors.ts";

/** What SQLite this process has. */
export const SQLITE_VERSION = process.versions.sqlite ?? "0";

/**
 * SQLite before 3.51.3 can damage a WAL database that several connections write and checkpoint at once
 * (the WAL-reset bug, https://www.sqlite.org/wal.html#walresetbug; fixed in 3.50.7 and 3.44.6 as well).
 */
export function isSafeToShare(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major !== 3) return major > 3;
  if (minor === 50) return patch >= 7;
  if (minor === 44) return patch >= 6;
  return minor > 51 || (minor === 51 && patch >= 3);
}

/** The first release, of the major version in use where it has one, whose SQLite is safe to share. */
export function nodeThatShares(version: string = process.versions.node): string {
  const major = Number.parseInt(version, 10);
  if (major === 22) return "22.22.3";
  return major === 25 ? "25.9.0" : "24.15.0";
}

/** @throws ConfigurationError where a file that is in use cannot be copied. */
export function refuseUnsafeSqlite(version = SQLITE_VERSION): void {
  if (isSafeToShare(version)) return;
  throw new ConfigurationError(
    `a database in use cannot be backed up with the SQLite ${version} of this Node, which cannot share a file safely; run on Node ${nodeThatShares()} or later`,
  );
}

/** A warning for programs whose SQLite cannot share a file between processes; undefined if it can. */
export function sharingCaution(
  file: string,
  sqlite = SQLITE_VERSION,
  node = process.versions.node,
): string | undefined {
  if (file === ":memory:" || isSafeToShare(sqlite)) return undefined;
  return (
    `while this process runs, no other one (a worker, posthorn jobs, posthorn doctor) can open ${file}: the SQLite ${sqlite} of Node ` +
    `${node} could damage a file that several processes share (its WAL-reset bug); use Node ${nodeThatShares(node)} or later`
  );
}
