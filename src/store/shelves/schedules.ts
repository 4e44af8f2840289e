import type { NewJob } from "../queue.ts";
import { flag, json, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { audited, type Call, type Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Recurring jobs. A schedule stands here as text; when it is due is worked out by the process that fires it. */
export interface ScheduleShelf {
  /**
   * Keeps a schedule, new or changed; one that is there already with the same `cron` and `timeZone` keeps its `nextAt`, and any
   * keeps whether it is paused. Whether it is new or changed.
   */
  declare(schedule: NewSchedule, audit?: Call<unknown>): Promise<boolean>;
  /** By name. */
  list(): Promise<Schedule[]>;
  /**
   * One fire: queues the jobs and moves the schedule on, unless it is paused, gone, or no longer due at `dueAt` (another process
   * was first). How many jobs it made; undefined when it did not fire. A job whose key a live job has is not made.
   */
  readonly fire: FireSchedule;
  /**
   * Pauses or resumes schedules in one transaction, and returns those that were changed: not those that are so already, or do not exist.
   * A resumed one is due next at `nextAt`.
   */
  pause(changes: readonly PauseChange[], paused: boolean): Promise<Schedule[]>;
  /** Whether there was one. */
  remove(name: string, audit?: Call<unknown>): Promise<boolean>;
}

export type FireSchedule = (firing: Firing, now: number) => Promise<number | undefined>;

export const SCHEDULES = new Table("schedules", ["name"], {
  name,
  cron: text,
  time_zone: text,
  missed: oneOf("skip", "once", "all"),
  job: json,
  paused: flag,
  next_at: nullable(time),
  last_at: nullable(time),
});

/** The job that a schedule makes each time. */
export type ScheduledJob = Pick<
  NewJob,
  "task" | "lane" | "priority" | "options" | "payload" | "maxAttempts" | "ties"
>;

export interface NewSchedule {
  readonly name: string;
  readonly cron: string;
  /** An IANA name. */
  readonly timeZone: string;
  /** What happens to runs that were due while no process was running. */
  readonly missed: "skip" | "once" | "all";
  readonly job: ScheduledJob;
  /** The next moment it is due; null when there is none. */
  readonly nextAt: number | null;
}

/** A recurring job as stored. Times are milliseconds since the epoch. */
export interface Schedule extends NewSchedule {
  readonly paused: boolean;
  /** When it last created a job. */
  readonly lastAt: number | null;
}

/** @see ScheduleShelf.pause */
export interface PauseChange {
  readonly name: string;
  readonly nextAt: number | null;
  readonly audit?: Call<unknown> | undefined;
}

export interface Firing {
  readonly name: string;
  /** The `nextAt` that was seen. */
  readonly dueAt: number;
  readonly nextAt: number | null;
  /** None to pass over a run that was missed. */
  readonly jobs: readonly NewJob[];
}

const DECLARE = SCHEDULES.statement(
  `
  insert into posthorn.schedules as kept (name, cron, time_zone, missed, job, paused, next_at)
  values (?, ?, ?, ?, ?, false, ?)
  on conflict (name) do update set
    next_at = case
      when kept.cron = excluded.cron and kept.time_zone = excluded.time_zone then kept.next_at
      else excluded.next_at
    end,
    cron = excluded.cron,
    time_zone = excluded.time_zone,
    missed = excluded.missed,
    job = excluded.job
  where kept.cron <> excluded.cron
    or kept.time_zone <> excluded.time_zone
    or kept.missed <> excluded.missed
    or kept.job <> excluded.job
  returning ${SCHEDULES.fields}`,
  { bringsWork: true },
);

const LIST = SCHEDULES.statement(`select ${SCHEDULES.fields} from posthorn.schedules order by name`);

const PAUSE = SCHEDULES.statement(
  `
  update posthorn.schedules
  set paused = true
  where name = ?
    and paused = false
  returning ${SCHEDULES.fields}`,
  { bringsWork: true },
);

const RESUME = SCHEDULES.statement(
  `
  update posthorn.schedules
  set paused = false, next_at = ?
  where name = ?
    and paused = true
  returning ${SCHEDULES.fields}`,
  { bringsWork: true },
);

const REMOVE = SCHEDULES.statement(`
  delete from posthorn.schedules
  where name = ?
  returning ${SCHEDULES.fields}`);

/** All but the firing, which makes jobs and so is each store's own. */
export class Schedules implements ScheduleShelf {
  readonly #session: Session;
  readonly fire: FireSchedule;

  constructor(session: Session, fire: FireSchedule) {
    this.#session = session;
    this.fire = fire;
  }

  async declare(
    { name, cron, timeZone, missed, job, nextAt }: NewSchedule,
    audit?: Call<unknown>,
  ): Promise<boolean> {
    const call = DECLARE.with(name, cron, timeZone, missed, JSON.stringify(job), nextAt);
    const [written] = await this.#session.write(audited(call, audit));
    return written.length === 1;
  }

  async list(): Promise<Schedule[]> {
    return (await this.#session.read(LIST.with())).map(toSchedule);
  }

  async pause(changes: readonly PauseChange[], paused: boolean): Promise<Schedule[]> {
    const calls = changes.map(({ name, nextAt, audit }) =>
      audited(paused ? PAUSE.with(name) : RESUME.with(nextAt, name), audit),
    );
    return (await this.#session.write(...calls)).flat().map(toSchedule);
  }

  async remove(name: string, audit?: Call<unknown>): Promise<boolean> {
    const [removed] = await this.#session.write(audited(REMOVE.with(name), audit));
    return removed.length === 1;
  }
}

function toSchedule(kept: FieldsOf<typeof SCHEDULES>): Schedule {
  return { ...kept, job: JSON.parse(kept.job) as ScheduledJob }; // only `declare` writes it
}
