import type { SqliteFacts } from "../../store/facts.ts";
import { bytes, type DoctorCheck, GIB, levelOf, MIB } from "./finding.ts";

type SqliteCheck = DoctorCheck<SqliteFacts>;

const GROUP_AND_OTHERS = 0o077;

export const fileMode: SqliteCheck = ({ facts: { file } }) => {
  const check = "file mode";
  if (!file || process.platform === "win32")
    return { check, level: "ok", says: "there is no file mode to check" };
  const mode = file.mode.toString(8).padStart(3, "0");
  if ((file.mode & GROUP_AND_OTHERS) === 0) return { check, level: "ok", says: `${mode}: its owner's alone` };
  const says = `${file.path} is open to other users (mode ${mode}), and holds payloads and URLs; run: chmod 600 ${file.path}*`;
  return { check, level: "bad", says };
};

/** A checkpoint starts at 16 MiB, and the file is cut back to 64 MiB after one. */
export const walSize: SqliteCheck = ({ facts: { file } }) => {
  const check = "WAL size";
  const size = file?.walBytes ?? 0;
  const level = levelOf(size, 256 * MIB, 4 * GIB);
  if (level === "ok") return { check, level, says: bytes(size) };
  const says = `the write-ahead log has grown to ${bytes(size)}: something keeps a read transaction open; look for other programs (sqlite3, a backup) on ${file?.path}`;
  return { check, level, says };
};

export const freeDisk: SqliteCheck = ({ facts: { file } }) => {
  const check = "free disk";
  if (!file) return { check, level: "ok", says: "the database is in memory" };
  const level = levelOf(-file.freeDiskBytes, -2 * GIB, -GIB / 4);
  const says = `${bytes(file.freeDiskBytes)} free for a database of ${bytes(file.bytes)}`;
  const todo = "; once the disk is full, no job is accepted: free some space, or set --max-database-size";
  return { check, level, says: level === "ok" ? says : says + todo };
};

export const sqliteVersion: SqliteCheck = ({ facts }) => {
  const check = "SQLite version";
  if (facts.isSafeToShare)
    return { check, level: "ok", says: `${facts.sqliteVersion}: several processes may share the file` };
  const says = `${facts.sqliteVersion} could damage a file that several processes share, so a second one is refused; run on Node ${facts.nodeThatShares} or later`;
  return { check, level: "warn", says };
};

export const integrity: SqliteCheck = ({ facts: { damage, file } }) => {
  const check = "integrity";
  if (damage === null)
    return { check, level: "ok", says: "not checked; --deep checks the whole file for damage" };
  if (damage.length === 0) return { check, level: "ok", says: "the whole file was checked, and is intact" };
  const says = `${file?.path} is damaged (${damage.join("; ")}); stop every process, keep a copy, and restore a backup, or salvage it with sqlite3's .recover`;
  return { check, level: "bad", says };
};
