import { followUpJob } from "../../../core/follow-up.ts";
import type { FollowUp } from "../../../core/ties.ts";
import type { Ended } from "../../../core/transition.ts";
import type { Group, GroupRecords } from "../../job-records.ts";
import type { NewGroup } from "../../queue.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { NewJobs } from "./new-jobs.ts";

interface GroupRow {
  readonly id: string;
  readonly on_settled: string;
  readonly total: number;
  readonly pending: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly created_at: number;
  readonly settled_at: number | null;
}

/** Counts how many of a group's jobs have ended, and queues its follow-up when all have for the first time. */
export class Groups implements GroupRecords {
  readonly #db: Database;
  readonly #newJobs: NewJobs;
  readonly #insert: Statement;
  readonly #get: Statement<GroupRow>;
  readonly #count: Readonly<Record<Ended["status"], Statement<GroupRow>>>;
  readonly #settle: Statement;
  readonly #reopen: Readonly<Record<"failed" | "cancelled", Statement>>;

  constructor(db: Database, newJobs: NewJobs) {
    this.#db = db;
    this.#newJobs = newJobs;
    this.#insert = db.prepare(`
      insert into groups (id, on_settled, total, pending, succeeded, failed, cancelled, created_at)
      values (?1, ?2, ?3, ?3, 0, 0, 0, ?4)`);
    this.#get = db.prepare("select * from groups where id = ?");
    const count = (status: Ended["status"]) =>
      db.prepare<GroupRow>(`
        update groups set pending = pending - 1, ${status} = ${status} + 1 where id = ? returning *`);
    this.#count = { succeeded: count("succeeded"), failed: count("failed"), cancelled: count("cancelled") };
    this.#settle = db.prepare("update groups set settled_at = ? where id = ?");
    const reopen = (status: Ended["status"]) =>
      db.prepare(`update groups set pending = pending + 1, ${status} = ${status} - 1 where id = ?`);
    this.#reopen = { failed: reopen("failed"), cancelled: reopen("cancelled") };
  }

  /** @param total how many of its jobs were made; with none it is settled at once. */
  add({ id, onSettled }: NewGroup, total: number, now: number): void {
    this.#insert.run(id, JSON.stringify(onSettled), total, now);
    this.#settleWhenOver(this.#get.get(id), now);
  }

  ended(id: string, status: Ended["status"], now: number): void {
    this.#settleWhenOver(this.#count[status].get(id), now);
  }

  /** One of its jobs is live again. */
  reopened(id: string, status: "failed" | "cancelled"): void {
    this.#reopen[status].run(id);
  }

  async get(id: string): Promise<Group | undefined> {
    const row = await this.#db.read(() => this.#get.get(id));
    if (!row) return undefined;
    const { total, succeeded, failed, cancelled, created_at: createdAt, settled_at: settledAt } = row;
    return { id, total, succeeded, failed, cancelled, createdAt, settledAt };
  }

  #settleWhenOver(row: GroupRow | undefined, now: number): void {
    if (!row || row.pending > 0 || row.settled_at !== null) return;
    this.#settle.run(now, row.id);
    const { id: groupId, total, succeeded, failed, cancelled } = row;
    const followUp = JSON.parse(row.on_settled) as FollowUp; // only `add` writes it
    this.#newJobs.make(followUpJob(followUp, { groupId, total, succeeded, failed, cancelled }, now), now);
  }
}
