import { HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { PostgresFacts, TableFacts } from "../../store/facts.ts";
import { bytes, checkOf, counted, type Finding, GIB, levelOf, span } from "./finding.ts";

/** Times are corrected by the difference between the clocks, but receivers refuse signatures that look five minutes old. */
export const clock = checkOf<PostgresFacts>("clock", "Clock", ({ facts: { aheadMs } }) => {
  const apart = Math.abs(aheadMs);
  const level = levelOf(apart, 2_000, 4 * MINUTE_MS);
  if (level === "ok") return { level, detail: "this machine's clock agrees with the database's" };
  const detail = `this machine's clock is ${span(apart)} ${aheadMs > 0 ? "behind" : "ahead of"} the database's`;
  return {
    level,
    detail,
    todo: "synchronise both with NTP (receivers refuse signatures whose time is wrong)",
  };
});

/** What a transaction may still see cannot be cleaned away: the hot tables then grow with every job, and claims slow down. */
export const oldestTransaction = checkOf<PostgresFacts>(
  "old_transaction",
  "Oldest transaction",
  ({ facts, maxTransactionMs }) => {
    const [oldest] = facts.transactions;
    if (!oldest || oldest.ageMs < maxTransactionMs) {
      const age = oldest ? `open for ${span(oldest.ageMs)}` : "none is open";
      if (facts.seesAllSessions) return { level: "ok", detail: age };
      const detail = `${age}; sessions of other users cannot be seen: grant pg_read_all_stats to this user`;
      return { level: "warn", detail };
    }
    const level = levelOf(oldest.ageMs, maxTransactionMs, Math.max(HOUR_MS, maxTransactionMs));
    const named = oldest.name ? ` (${oldest.name})` : "";
    const harm = "keeps what jobs leave behind from being cleaned away";
    if (oldest.pid === null) {
      const detail = `a prepared transaction${named} has been open for ${span(oldest.ageMs)} and ${harm}`;
      return { level, detail, todo: `commit it, or: rollback prepared '${oldest.name}'` };
    }
    const doing = oldest.isIdle ? "idle in a transaction" : "in a transaction";
    const detail = `session ${oldest.pid}${named} has been ${doing} for ${span(oldest.ageMs)}, and ${harm}`;
    return { level, detail, todo: `end it: select pg_terminate_backend(${oldest.pid})` };
  },
);

/** Rows come and go here within seconds; Posthorn has the tables vacuumed from 5 000 dead rows on. */
const HOT = ["ready", "scheduled", "leases"];

export const deadRows = checkOf<PostgresFacts>("dead_rows", "Dead rows", ({ facts: { tables } }) => {
  const worst = tables
    .map(judged)
    .sort((a, b) => rank(b) - rank(a) || b.table.deadRows - a.table.deadRows)[0];
  if (!worst || worst.level === "ok") return { level: "ok", detail: "vacuum keeps up" };
  const { level, table } = worst;
  const vacuumed =
    table.vacuumedAt === null
      ? "never vacuumed"
      : `last vacuumed at ${new Date(table.vacuumedAt).toISOString()}`;
  const detail = `posthorn.${table.name} has ${table.deadRows} dead rows and ${table.liveRows} live ones, in ${bytes(table.bytes)} (${vacuumed})`;
  return { level, detail, todo: `end old transactions, then: vacuum posthorn.${table.name}` };
});

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
export const bloat = checkOf<PostgresFacts>("bloat", "Bloat", ({ facts: { tables } }) => {
  const swollen = tables.filter(
    ({ name, bytes: size, liveRows }) => HOT.includes(name) && size > GIB && size > 2_000 * (liveRows + 1),
  );
  if (swollen.length === 0)
    return { level: "ok", detail: "the hot tables are no larger than they need to be" };
  const named = swollen.map(
    ({ name, bytes: size, liveRows }) => `posthorn.${name} (${bytes(size)} for ${counted(liveRows, "row")})`,
  );
  const vacuums = swollen.map(({ name }) => `vacuum full posthorn.${name}`).join("; ");
  const detail = `${named.join(", ")} once held many more rows`;
  return { level: "warn", detail, todo: `give the space back at a quiet hour: ${vacuums}` };
});

/** A day without a partition of its own shares one with others, and cannot be freed as a whole. */
export const partitions = checkOf<PostgresFacts>("partitions", "Partitions", ({ facts }) => {
  const { days, daysMissing } = facts.partitions;
  if (daysMissing === 0)
    return { level: "ok", detail: `${counted(days, "partition")}, including the coming days` };
  const detail = `${counted(daysMissing, "day")} from today on have no partition yet`;
  return {
    level: "warn",
    detail,
    todo: "a running server or worker makes them: start one, and look at its log",
  };
});

export const autovacuum = checkOf<PostgresFacts>("autovacuum", "Autovacuum", ({ facts: { settings } }) => {
  const off = (["autovacuum", "track_counts"] as const).filter((name) => settings[name] === "off");
  if (off.length === 0) return { level: "ok", detail: "on" };
  const detail = `${off.join(" and ")} ${off.length === 1 ? "is" : "are"} off, so nothing cleans up what jobs leave behind`;
  return { level: "bad", detail, todo: `set ${off.map((name) => `${name} = on`).join(", ")}` };
});

export const durability = checkOf<PostgresFacts>("durability", "Durability", ({ facts: { settings } }) => {
  const broken = (["fsync", "full_page_writes"] as const).filter((name) => settings[name] === "off");
  if (broken.length > 0) {
    const detail = `${broken.join(" and ")} off: a crash of the server's machine can lose or damage what was answered 202`;
    return { level: "bad", detail, todo: `set ${broken.map((name) => `${name} = on`).join(", ")}` };
  }
  if (settings.synchronous_commit === "off") {
    const detail =
      "synchronous_commit is off: Posthorn turns it on for itself, but jobs enqueued in your own transactions may be lost in a crash";
    return { level: "warn", detail, todo: "set synchronous_commit = on there" };
  }
  return { level: "ok", detail: "commits are on disk" };
});

/** Each of our processes opens seven: a pool of six, and one that listens. */
const FEW_CONNECTIONS = 20;

export const connections = checkOf<PostgresFacts>("connections", "Connections", ({ facts }) => {
  const { used, most } = facts.connections;
  const level = levelOf(used / most, 0.8, 0.95);
  const detail = `${used} of ${most} connections are used`;
  if (level !== "ok")
    return { level, detail, todo: "raise max_connections, or put a pooler before the applications" };
  if (most >= FEW_CONNECTIONS) return { level, detail };
  const few = `max_connections is ${most}, and every Posthorn process opens up to 7`;
  return { level: "warn", detail: few, todo: "raise it" };
});

/** These matter only in callers' own transactions and in other programs: Posthorn sets them on its own connections. */
export const timeouts = checkOf<PostgresFacts>("timeouts", "Timeouts", ({ facts: { settings } }) => {
  const statementMs = Number(settings.statement_timeout);
  if (statementMs > 0 && statementMs < 1_000) {
    const detail = `statement_timeout is ${statementMs} ms: jobs enqueued in your own transactions may fail when the database is busy`;
    return { level: "warn", detail, todo: "allow it a few seconds" };
  }
  if (settings.idle_in_transaction_session_timeout === "0") {
    const detail =
      "sessions idle in a transaction are never ended; idle_in_transaction_session_timeout = 5min would keep a forgotten one from stopping all cleaning";
    return { level: "ok", detail };
  }
  return { level: "ok", detail: "none is harmful" };
});
