import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { newId } from "../../../core/id.ts";
import { cut } from "../driver/connection.ts";
import type { Database } from "../driver/database.ts";
import { isNotAllowed } from "../driver/postgres-errors.ts";
import { quickStatement } from "../driver/statement.ts";

/**
 * A commit with a NOTIFY holds a lock of the whole server and wakes every session that listens in the database. So it is a transaction of
 * its own that waits for no disk, and all processes together make one every 25 ms at most, or less often in a large fleet: then
 * 640 sessions are woken each second, however many processes there are. A notice that somebody gives after a commit of this process
 * tells of that too. `wait` says in how many milliseconds it may be given, less than nothing that somebody has.
 */
const NOTIFY = quickStatement<{ wait: number }>(`
  select wait,
    case when wait = 0 then set_config('synchronous_commit', 'off', true) end,
    case when wait = 0 then setval('posthorn.notices', now) end,
    case when wait = 0 then pg_notify($1, $2)::text end
  from (
    select now,
      case
        when at is null then gap
        when at > now then 0
        when at >= now - $3::bigint then -1
        else greatest(0, at + gap - now)
      end as wait
    from (
      select (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
        case
          when pg_try_advisory_xact_lock(hashtextextended('posthorn.', 7378697631))
          then (select last_value from posthorn.notices)
        end as at,
        (select (25 * greatest(1, count(*) / 16.0))::bigint from posthorn.workers) as gap
    ) as seen
  ) as judged`);
/** For a user without the right to set the sequence. */
const NOTIFY_ANYWAY = quickStatement(
  "select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)",
);
/** From each process. */
const NOTIFY_EVERY_MS = 50;
const RECONNECT_MS = 1_000;

/** A connection that only listens does not notice when the network silently loses it. */
const STILL_THERE = "select";
const STILL_THERE_MS = 15_000;

/** Tells other processes that there is work, and hears it from them. */
export class Signals {
  readonly #db: Database;
  readonly #failed: (error: unknown) => void;
  /** What this process signs with, to know its own. */
  readonly #name = newId("wrk");
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #client: pg.Client | undefined;
  #listening: Promise<void> | undefined;
  #notifying: NodeJS.Timeout | undefined;
  /** When the latest work was brought that nobody has told of. */
  #untoldSince: number | undefined;
  #isHearing = false;

  /** @param failed called when the connection that listens is lost, or could not be made; it is then made again. */
  constructor(db: Database, failed: (error: unknown) => void) {
    this.#db = db;
    this.#failed = failed;
  }

  /** To other processes, soon. */
  notify(): void {
    this.#untoldSince = performance.now();
    if (!this.#notifying) this.#tell(this.#untoldSince);
  }

  #tell(since: number): void {
    this.#untoldSince = undefined;
    this.#tellAgainIn(NOTIFY_EVERY_MS);
    void this.#notice(Math.ceil(performance.now() - since)).then(
      (wait) => {
        if (wait <= 0 || this.#stop.signal.aborted) return;
        this.#untoldSince ??= since;
        clearTimeout(this.#notifying);
        this.#tellAgainIn(wait * (1 + Math.random())); // not all that wait at once
      },
      () => {}, // they also check regularly
    );
  }

  #tellAgainIn(ms: number): void {
    this.#notifying = setTimeout(() => {
      this.#notifying = undefined;
      if (this.#untoldSince !== undefined) this.#tell(this.#untoldSince);
    }, ms).unref();
  }

  async #notice(ageMs: number): Promise<number> {
    try {
      const [notice] = await this.#db.run(NOTIFY, this.#db.schema, this.#name, ageMs);
      return notice?.wait ?? 0;
    } catch (error) {
      if (!isNotAllowed(error)) throw error;
      await this.#db.run(NOTIFY_ANYWAY, this.#db.schema, this.#name);
      return 0;
    }
  }

  /** While nobody wants to hear, the server does not wake this process. */
  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    this.#listening ??= this.#listen();
    this.#follow();
    return () => {
      this.#listeners.delete(changed);
      this.#follow();
    };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#notifying);
    if (this.#client) cut(this.#client);
    await this.#listening;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#listenOnce();
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
      }
      await sleep(RECONNECT_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Until the connection ends, or nothing is heard from it. */
  async #listenOnce(): Promise<void> {
    const client = await this.#db.connectAlone();
    this.#client = client;
    this.#isHearing = false;
    const ended = new AbortController();
    client.once("end", () => ended.abort());
    try {
      if (this.#stop.signal.aborted) return;
      client.on("notification", ({ payload }) => {
        if (payload !== this.#name) this.#changed();
      });
      this.#follow();
      while (!ended.signal.aborted) {
        await sleep(STILL_THERE_MS, undefined, { signal: ended.signal, ref: false }).catch(() => {});
        await client.query(STILL_THERE);
      }
    } finally {
      this.#client = undefined;
      cut(client);
    }
  }

  /** Begins or ends to hear, on the connection there is. */
  #follow(): void {
    const client = this.#client;
    const wants = this.#listeners.size > 0;
    if (!client || wants === this.#isHearing || this.#stop.signal.aborted) return;
    this.#isHearing = wants;
    client.query(`${wants ? "listen" : "unlisten"} "${this.#db.schema}"`).then(
      () => wants && this.#changed(), // something may have been said while nobody listened
      () => cut(client), // another connection is made
    );
  }

  #changed(): void {
    for (const changed of this.#listeners) changed();
  }
}
