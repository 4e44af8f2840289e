import type { Firing, NewSchedule, Schedule, ScheduledJob, ScheduleShelf } from "../schedule-shelf.ts";
import type { Database, Statement } from "./driver/database.ts";
import type { FreshJobs } from "./queue/fresh-jobs.ts";

interface ScheduleRow {
  readonly name: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly missed: Schedule["missed"];
  readonly job: string;
  readonly paused: number;
  readonly next_at: number | null;
  readonly last_at: number | null;
}

/** Recurring jobs: each fire is one compare-and-set of when the schedule is next due, so that of all processes one makes the job. */
export class Schedules implements ScheduleShelf {
  readonly #db: Database;
  readonly #fresh: FreshJobs;
  readonly #declare: Statement;
  readonly #list: Statement<ScheduleRow>;
  readonly #moveOn: Statement;
  readonly #fired: Statement;
  readonly #pause: Statement<ScheduleRow>;
  readonly #resume: Statement<ScheduleRow>;
  readonly #remove: Statement;

  constructor(db: Database, fresh: FreshJobs) {
    this.#db = db;
    this.#fresh = fresh;
    this.#declare = db.prepare(`
      insert into schedules (name, cron, time_zone, missed, job, paused, next_at)
      values (?, ?, ?, ?, ?, 0, ?)
      on conflict (name) do update set
        next_at = iif(cron = excluded.cron and time_zone = excluded.time_zone, next_at, excluded.next_at),
        cron = excluded.cron,
        time_zone = excluded.time_zone,
        missed = excluded.missed,
        job = excluded.job`);
    this.#list = db.prepare("select * from schedules order by name");
    this.#moveOn = db.prepare(`
      update schedules set next_at = ? where name = ? and next_at = ? and paused = 0`);
    this.#fired = db.prepare("update schedules set last_at = ? where name = ?");
    this.#pause = db.prepare("update schedules set paused = 1 where name = ? returning *");
    this.#resume = db.prepare("update schedules set paused = 0, next_at = ? where name = ? returning *");
    this.#remove = db.prepare("delete from schedules where name = ?");
  }

  async declare({ name, cron, timeZone, missed, job, nextAt }: NewSchedule): Promise<void> {
    await this.#db.write(() => this.#declare.run(name, cron, timeZone, missed, JSON.stringify(job), nextAt));
  }

  list(): Promise<Schedule[]> {
    return this.#db.read(() => this.#list.all().map(toSchedule));
  }

  fire({ name, dueAt, nextAt, jobs }: Firing, now: number): Promise<boolean> {
    return this.#db.write(() => {
      if (this.#moveOn.run(nextAt, name, dueAt) === 0) return false;
      const made = jobs.filter((job) => this.#fresh.queue(job, now));
      if (made.length > 0) this.#fired.run(now, name);
      return true;
    });
  }

  pause(name: string, paused: boolean, nextAt: number | null): Promise<Schedule | undefined> {
    return this.#db.write(() => {
      const row = paused ? this.#pause.get(name) : this.#resume.get(nextAt, name);
      return row && toSchedule(row);
    });
  }

  remove(name: string): Promise<boolean> {
    return this.#db.write(() => this.#remove.run(name) === 1);
  }
}

function toSchedule(row: ScheduleRow): Schedule {
  return {
    name: row.name,
    cron: row.cron,
    timeZone: row.time_zone,
    missed: row.missed,
    job: JSON.parse(row.job) as ScheduledJob, // only `declare` writes it
    paused: row.paused === 1,
    nextAt: row.next_at,
    lastAt: row.last_at,
  };
}
