import type { SqliteFacts } from "../../store/facts.ts";
import { bytes, checkOf, GIB, levelOf, MIB } from "./finding.ts";

const GROUP_AND_OTHERS = 0o077;

export const fileMode = checkOf<SqliteFacts>("file_mode", "File mode", ({ facts: { file } }) => {
  if (!file || process.platform === "win32") return { level: "ok", detail: "there is no file mode to check" };
  const mode = file.mode.toString(8).padStart(3, "0");
  if ((file.mode & GROUP_AND_OTHERS) === 0)
    return { level: "ok", detail: `${mode}: only its owner can read it` };
  const detail = `${file.path} is open to other users (mode ${mode}), and holds payloads and URLs`;
  return { level: "bad", detail, todo: `run: chmod 600 ${file.path}*` };
});

/** A checkpoint starts at 16 MiB, and the file is cut back to 64 MiB after one. */
export const walSize = checkOf<SqliteFacts>("wal", "WAL size", ({ facts: { file } }) => {
  const size = file?.walBytes ?? 0;
  const level = levelOf(size, 256 * MIB, 4 * GIB);
  if (level === "ok") return { level, detail: bytes(size) };
  const detail = `the write-ahead log has grown to ${bytes(size)}: something keeps a read transaction open`;
  return { level, detail, todo: `look for other programs (sqlite3, a backup) on ${file?.path}` };
});

export const freeDisk = checkOf<SqliteFacts>("disk", "Free disk", ({ facts: { file } }) => {
  if (!file) return { level: "ok", detail: "the database is in memory" };
  const level = levelOf(-file.freeDiskBytes, -2 * GIB, -GIB / 4);
  const detail = `${bytes(file.freeDiskBytes)} free for a database of ${bytes(file.bytes)}`;
  if (level === "ok") return { level, detail };
  const todo = "once the disk is full, no job is accepted: free some space, or set --max-database-size";
  return { level, detail, todo };
});

/** What was deleted leaves room in the file, which new jobs take first; workers give back what is more than they need. */
export const unusedSpace = checkOf<SqliteFacts>("unused_space", "Unused space", ({ facts: { storage } }) => {
  const bytesOf = (wanted: string) => storage.find(({ part }) => part === wanted)?.bytes ?? 0;
  const free = bytesOf("free");
  const whole = free + bytesOf("data");
  const detail = `${bytes(free)} of the file's ${bytes(whole)} are free for new jobs`;
  if (free < GIB || free < whole / 2) return { level: "ok", detail };
  const todo =
    "a running server or worker gives it back to the disk, some 2 GiB an hour; if it does not, put a posthorn backup in the file's place";
  return { level: "warn", detail, todo };
});

export const sqliteVersion = checkOf<SqliteFacts>("sqlite_version", "SQLite version", ({ facts }) => {
  const { sqliteVersion: version, isSafeToShare, nodeThatShares } = facts;
  if (isSafeToShare) return { level: "ok", detail: `${version}: several processes may share the file` };
  const detail = `${version} could damage a file that several processes share, so a second one is refused`;
  return { level: "warn", detail, todo: `run on Node ${nodeThatShares} or later` };
});

export const integrity = checkOf<SqliteFacts>("integrity", "Integrity", ({ facts: { damage, file } }) => {
  if (damage === null)
    return { level: "ok", detail: "not checked; posthorn doctor --deep checks the whole file for damage" };
  if (damage.length === 0) return { level: "ok", detail: "the whole file was checked, and is intact" };
  const detail = `${file?.path} is damaged (${damage.join("; ")})`;
  const todo = "stop every process, keep a copy, and restore a backup, or salvage it with sqlite3's .recover";
  return { level: "bad", detail, todo };
});
