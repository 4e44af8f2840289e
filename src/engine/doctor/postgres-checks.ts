import type { PostgresFacts, TableFacts } from "../../store/facts.ts";
import {
  bytes,
  counted,
  type DoctorCheck,
  type Finding,
  GIB,
  HOUR,
  levelOf,
  MINUTE,
  span,
} from "./finding.ts";

type PostgresCheck = DoctorCheck<PostgresFacts>;

/** Times are corrected by the difference between the clocks, but receivers refuse signatures that look five minutes old. */
export const clock: PostgresCheck = ({ facts: { aheadMs } }) => {
  const check = "clock";
  const apart = Math.abs(aheadMs);
  const level = levelOf(apart, 2_000, 4 * MINUTE);
  if (level === "ok") return { check, level, says: "this machine's clock agrees with the database's" };
  const says = `this machine's clock is ${span(apart)} ${aheadMs > 0 ? "behind" : "ahead of"} the database's; synchronise both with NTP (receivers refuse signatures whose time is wrong)`;
  return { check, level, says };
};

/** What a transaction may still see cannot be cleaned away: the hot tables then grow with every job, and claims slow down. */
export const oldestTransaction: PostgresCheck = ({ facts, maxTransactionMs }) => {
  const check = "oldest transaction";
  const [oldest] = facts.transactions;
  if (!oldest || oldest.ageMs < maxTransactionMs) {
    const age = oldest ? `open for ${span(oldest.ageMs)}` : "none is open";
    if (facts.seesAllSessions) return { check, level: "ok", says: age };
    const says = `${age}; sessions of other users cannot be seen: grant pg_read_all_stats to this user`;
    return { check, level: "warn", says };
  }
  const level = levelOf(oldest.ageMs, maxTransactionMs, Math.max(HOUR, maxTransactionMs));
  const named = oldest.name ? ` (${oldest.name})` : "";
  if (oldest.pid === null) {
    const says = `a prepared transaction${named} has been open for ${span(oldest.ageMs)} and keeps what jobs leave behind from being cleaned away; commit it, or: rollback prepared '${oldest.name}'`;
    return { check, level, says };
  }
  const doing = oldest.isIdle ? "idle in a transaction" : "in a transaction";
  const says = `session ${oldest.pid}${named} has been ${doing} for ${span(oldest.ageMs)}, and keeps what jobs leave behind from being cleaned away; end it: select pg_terminate_backend(${oldest.pid})`;
  return { check, level, says };
};

/** Rows come and go here within seconds; Posthorn has the tables vacuumed from 5 000 dead rows on. */
const HOT = ["ready", "scheduled", "leases"];

export const deadRows: PostgresCheck = ({ facts: { tables } }) => {
  const check = "dead rows";
  const worst = tables
    .map(judged)
    .sort((a, b) => rank(b) - rank(a) || b.table.deadRows - a.table.deadRows)[0];
  if (!worst || worst.level === "ok") return { check, level: "ok", says: "vacuum keeps up" };
  const { level, table } = worst;
  const vacuumed =
    table.vacuumedAt === null
      ? "never vacuumed"
      : `last vacuumed at ${new Date(table.vacuumedAt).toISOString()}`;
  const says = `posthorn.${table.name} has ${table.deadRows} dead rows and ${table.liveRows} live ones, in ${bytes(table.bytes)} (${vacuumed}); end old transactions, then: vacuum posthorn.${table.name}`;
  return { check, level, says };
};

function judged(table: TableFacts) {
  const floor = HOT.includes(table.name) ? 50_000 : 500_000;
  const spread = HOT.includes(table.name) ? 1 : 0.5;
  const isMany = table.deadRows >= floor && table.deadRows > spread * table.liveRows;
  const level = isMany ? levelOf(table.deadRows, floor, 20 * floor) : "ok";
  return { table, level };
}

function rank({ level }: Pick<Finding, "level">): number {
  return ["ok", "warn", "bad"].indexOf(level);
}

/** A queue that was once long keeps its space: each claim then reads through empty pages. */
export const bloat: PostgresCheck = ({ facts: { tables } }) => {
  const check = "bloat";
  const swollen = tables.filter(
    ({ name, bytes: size, liveRows }) => HOT.includes(name) && size > GIB && size > 2_000 * (liveRows + 1),
  );
  if (swollen.length === 0)
    return { check, level: "ok", says: "the hot tables are small for what they hold" };
  const named = swollen.map(
    ({ name, bytes: size, liveRows }) => `posthorn.${name} (${bytes(size)} for ${counted(liveRows, "row")})`,
  );
  const says = `${named.join(", ")} once held many more rows; give the space back at a quiet hour: ${swollen.map(({ name }) => `vacuum full posthorn.${name}`).join("; ")}`;
  return { check, level: "warn", says };
};

/** A day without a partition of its own shares one with others, and cannot be freed as a whole. */
export const partitions: PostgresCheck = ({
  facts: {
    partitions: { days, daysMissing },
  },
}) => {
  const check = "partitions";
  if (daysMissing === 0)
    return { check, level: "ok", says: `${counted(days, "partition")}, including the coming days` };
  const says = `${counted(daysMissing, "day")} from today on have no partition yet; a running server or worker makes them: start one, and look at its log`;
  return { check, level: "warn", says };
};

export const autovacuum: PostgresCheck = ({ facts: { settings } }) => {
  const check = "autovacuum";
  const off = (["autovacuum", "track_counts"] as const).filter((name) => settings[name] === "off");
  if (off.length === 0) return { check, level: "ok", says: "on" };
  const says = `${off.join(" and ")} ${off.length === 1 ? "is" : "are"} off, so nothing cleans up what jobs leave behind; set ${off.map((name) => `${name} = on`).join(", ")}`;
  return { check, level: "bad", says };
};

export const durability: PostgresCheck = ({ facts: { settings } }) => {
  const check = "durability";
  const broken = (["fsync", "full_page_writes"] as const).filter((name) => settings[name] === "off");
  if (broken.length > 0) {
    const says = `${broken.join(" and ")} off: a crash of the server's machine can lose or damage what was answered 202; set ${broken.map((name) => `${name} = on`).join(", ")}`;
    return { check, level: "bad", says };
  }
  if (settings.synchronous_commit === "off") {
    const says =
      "synchronous_commit is off: Posthorn turns it on for itself, but jobs enqueued in your own transactions may be lost in a crash; set synchronous_commit = on there";
    return { check, level: "warn", says };
  }
  return { check, level: "ok", says: "commits are on disk" };
};

/** Each of our processes opens seven: a pool of six, and one that listens. */
const FEW_CONNECTIONS = 20;

export const connections: PostgresCheck = ({
  facts: {
    connections: { used, most },
  },
}) => {
  const check = "connections";
  const level = levelOf(used / most, 0.8, 0.95);
  const says = `${used} of ${most} connections are used`;
  if (level !== "ok")
    return { check, level, says: `${says}; raise max_connections, or put a pooler before the applications` };
  if (most >= FEW_CONNECTIONS) return { check, level, says };
  return {
    check,
    level: "warn",
    says: `max_connections is ${most}, and every Posthorn process opens up to 7; raise it`,
  };
};

/** These matter only in callers' own transactions and in other programs: Posthorn sets them on its own connections. */
export const timeouts: PostgresCheck = ({ facts: { settings } }) => {
  const check = "timeouts";
  const statementMs = Number(settings.statement_timeout);
  if (statementMs > 0 && statementMs < 1_000) {
    const says = `statement_timeout is ${statementMs} ms: jobs enqueued in your own transactions may fail when the database is busy; allow it a few seconds`;
    return { check, level: "warn", says };
  }
  if (settings.idle_in_transaction_session_timeout === "0") {
    const says =
      "sessions idle in a transaction are never ended; idle_in_transaction_session_timeout = 5min would keep a forgotten one from stopping all cleaning";
    return { check, level: "ok", says };
  }
  return { check, level: "ok", says: "none does harm" };
};
