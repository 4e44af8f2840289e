import type { Firing, NewSchedule, Schedule, ScheduledJob, ScheduleShelf } from "../schedule-shelf.ts";
import type { Database } from "./driver/database.ts";
import { statement } from "./driver/statement.ts";
import { unclaimed } from "./queue/ends.ts";
import { createdJobs, type Enqueues } from "./queue/enqueue.ts";
import type { NewJobs } from "./queue/new-jobs.ts";

interface ScheduleRow {
  readonly name: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly missed: Schedule["missed"];
  readonly job: string;
  readonly paused: boolean;
  readonly next_at: number | null;
  readonly last_at: number | null;
}

const COLUMNS = "name, cron, time_zone, missed, job, paused, next_at, last_at";

const DECLARE = statement(`
  insert into posthorn.schedules as s (name, cron, time_zone, missed, job, paused, next_at)
  values ($1, $2, $3, $4, $5, false, $6::bigint)
  on conflict (name) do update set
    next_at = case
      when s.cron = excluded.cron and s.time_zone = excluded.time_zone then s.next_at
      else excluded.next_at
    end,
    cron = excluded.cron,
    time_zone = excluded.time_zone,
    missed = excluded.missed,
    job = excluded.job`);

const LIST = statement<ScheduleRow>(`select ${COLUMNS} from posthorn.schedules order by name`);

const FIRE = statement<{ name: string }>(`
  update posthorn.schedules
  set next_at = $3::bigint
  where name = $1 and next_at = $2::bigint and not paused
  returning name`);

const FIRED = statement("update posthorn.schedules set last_at = $2::bigint where name = $1");

const PAUSE = statement<ScheduleRow>(`
  update posthorn.schedules
  set paused = $2::boolean, next_at = case when $2::boolean then next_at else $3::bigint end
  where name = $1
  returning ${COLUMNS}`);

const REMOVE = statement<{ name: string }>("delete from posthorn.schedules where name = $1 returning name");

/**
 * Recurring jobs: each fire is one compare-and-set of when the schedule is next due, so that of all processes one makes the
 * job. These times are moments of the calendar, the same for every process, and are kept as they come.
 */
export class Schedules implements ScheduleShelf {
  readonly #db: Database;
  readonly #enqueues: Enqueues;
  readonly #newJobs: NewJobs;

  constructor(db: Database, enqueues: Enqueues, newJobs: NewJobs) {
    this.#db = db;
    this.#enqueues = enqueues;
    this.#newJobs = newJobs;
  }

  async declare({ name, cron, timeZone, missed, job, nextAt }: NewSchedule): Promise<void> {
    await this.#db.write(async (transaction) => {
      transaction.tell("work");
      await transaction.run(DECLARE, name, cron, timeZone, missed, JSON.stringify(job), nextAt);
    });
  }

  async list(): Promise<Schedule[]> {
    return (await this.#db.run(LIST)).map(toSchedule);
  }

  fire({ name, dueAt, nextAt, jobs }: Firing, now: number): Promise<boolean> {
    return this.#db.write(async (transaction) => {
      const fired = await transaction.run(FIRE, name, dueAt, nextAt);
      if (fired.length === 0) return false;
      transaction.tell("work");
      const enqueues = jobs.map((job) => ({ job }));
      const made = createdJobs(enqueues, await this.#enqueues.decide(transaction, enqueues, now));
      if (made.length === 0) return true;
      void transaction.run(FIRED, name, now);
      void this.#newJobs.insert(transaction, unclaimed(made), now);
      return true;
    });
  }

  async pause(name: string, paused: boolean, nextAt: number | null): Promise<Schedule | undefined> {
    return this.#db.write(async (transaction) => {
      const [row] = await transaction.run(PAUSE, name, paused, nextAt);
      transaction.tell("work");
      return row && toSchedule(row);
    });
  }

  async remove(name: string): Promise<boolean> {
    return (await this.#db.run(REMOVE, name)).length === 1;
  }
}

function toSchedule(row: ScheduleRow): Schedule {
  return {
    name: row.name,
    cron: row.cron,
    timeZone: row.time_zone,
    missed: row.missed,
    job: JSON.parse(row.job) as ScheduledJob, // only `declare` writes it
    paused: row.paused,
    nextAt: row.next_at,
    lastAt: row.last_at,
  };
}
