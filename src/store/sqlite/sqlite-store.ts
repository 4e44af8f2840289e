import { systemClock } from "../../core/clock.ts";
import type { FactsRequest } from "../facts.ts";
import type { AttemptPage, JobFilter, Page, RetryFilter } from "../job-records.ts";
import type { ApiKey } from "../key-ring.ts";
import type { Batch, Committed, Enqueue, Enqueued, LeasedJob, NewGroup } from "../queue.ts";
import type { Firing, NewSchedule } from "../schedule-shelf.ts";
import type { Store } from "../store.ts";
import type { RecordKind, RecordTypes } from "../transfer.ts";
import type { WorkerRecord } from "../worker-record.ts";
import { Access } from "./access.ts";
import type { Database } from "./driver/database.ts";
import { SizeLimit } from "./driver/size-limit.ts";
import { openDatabase, type SqliteOptions } from "./open.ts";
import { Pruning } from "./prune.ts";
import { Claims } from "./queue/claim.ts";
import { ClaimRound } from "./queue/claim-round.ts";
import { Enqueues } from "./queue/enqueue.ts";
import { FreshJobs } from "./queue/fresh-jobs.ts";
import { Groups } from "./queue/groups.ts";
import { JobRows } from "./queue/job-rows.ts";
import { Leases } from "./queue/leases.ts";
import { LiveKeys } from "./queue/live-keys.ts";
import { Promotion } from "./queue/promote.ts";
import { Queued } from "./queue/queued.ts";
import { Returns } from "./queue/returns.ts";
import { Settlements } from "./queue/settle.ts";
import { TiedJobs } from "./queue/tied-jobs.ts";
import { Transactions } from "./queue/transactions.ts";
import { Watch } from "./queue/watch.ts";
import { Workers } from "./queue/workers.ts";
import { ByHand } from "./records/by-hand.ts";
import { FactFinder } from "./records/facts.ts";
import { LaneJobs } from "./records/lane-jobs.ts";
import { Records } from "./records/records.ts";
import { Schedules } from "./schedules.ts";
import { Transfers } from "./transfer/transfer.ts";

/**
 * Opens a SQLite file as a store, making and migrating it as needed.
 * @throws StoreUnusableError when it is no database of ours, StoreUnavailableError when it is locked or cannot be written.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  return new SqliteStore(await openDatabase(options), options.maxBytes);
}

/** The contract on one SQLite file: each method a transaction around what the classes beside this file do. */
class SqliteStore implements Store {
  readonly clock = systemClock;
  readonly isShared = false;
  readonly commitsAtOnce = 1;
  readonly #db: Database;
  readonly #limit: SizeLimit;
  readonly #enqueues: Enqueues;
  readonly #settlements: Settlements;
  readonly #claims: Claims;
  readonly #promotion: Promotion;
  readonly #laneJobs: LaneJobs;
  readonly #records: Records;
  readonly #byHand: ByHand;
  readonly #workers: Workers;
  readonly #leases: Leases;
  readonly #returns: Returns;
  readonly #pruning: Pruning;
  readonly #access: Access;
  readonly #transfers: Transfers;
  readonly #facts: FactFinder;
  readonly #watch: Watch;
  readonly #groups: Groups;
  readonly #schedules: Schedules;
  readonly #transactions: Transactions;

  constructor(db: Database, maxBytes: number | undefined) {
    this.#db = db;
    this.#limit = new SizeLimit(db, maxBytes);
    this.#laneJobs = new LaneJobs(db);
    this.#records = new Records(db, this.#laneJobs);
    this.#workers = new Workers(db);
    this.#leases = new Leases(db, this.#workers);
    this.#claims = new Claims(db, this.#leases);
    const queued = new Queued(db);
    const rows = new JobRows(db);
    const keys = new LiveKeys(db);
    const fresh = new FreshJobs(rows, keys, queued);
    this.#groups = new Groups(db, fresh);
    const tied = new TiedJobs(db, keys, this.#groups, fresh);
    this.#enqueues = new Enqueues(db, rows, keys, queued, this.#leases);
    this.#settlements = new Settlements(db, queued, this.#leases, tied);
    this.#promotion = new Promotion(db, queued);
    this.#returns = new Returns(this.#workers, this.#leases, queued, this.#settlements, tied);
    this.#byHand = new ByHand(db, this.#records, queued, this.#leases, this.#settlements, tied);
    this.#schedules = new Schedules(db, fresh);
    this.#transactions = new Transactions(db.file, maxBytes);
    this.#pruning = new Pruning(db, this.#laneJobs);
    this.#access = new Access(db);
    this.#transfers = new Transfers(db);
    this.#facts = new FactFinder(db);
    this.#watch = new Watch(db);
  }

  commit(batch: Batch): Promise<Committed> {
    const { now, enqueues, settlements, claim, groups = [], progress = [] } = batch;
    return this.#db.write(() => {
      if (enqueues.length > 0) this.#limit.check();
      const settled = settlements.map((settlement) => this.#settlements.settle(settlement, now));
      const round = claim && new ClaimRound(claim, now);
      // what is ready comes before what is new; what room the walk leaves, new jobs may take at once
      if (round) this.#claims.walk(round);
      const enqueued = enqueues.map((enqueue) => this.#enqueues.add(enqueue, now, round));
      for (const group of groups) this.#groups.add(group, madeFor(group, enqueues, enqueued), now);
      for (const report of progress) this.#leases.progressed(report);
      const unfinished = round?.isUnfinished ?? false;
      return { enqueued, settled, claimed: round?.claimed ?? [], unfinished, passedOver: false };
    });
  }

  async enqueueWithin(transaction: unknown, enqueues: readonly Enqueue[], now: number) {
    return this.#transactions.enqueue(transaction, enqueues, now);
  }

  promote(now: number, limit: number): Promise<number> {
    return this.#db.write(() => this.#promotion.promote(now, limit));
  }

  nextDue(): Promise<number | null> {
    return this.#db.read(() => this.#promotion.nextDue());
  }

  changedElsewhere(): Promise<boolean> {
    return this.#db.read(() => this.#watch.changedElsewhere());
  }

  onChange(): () => void {
    return () => {}; // SQLite tells nobody; the look is all there is
  }

  get(jobId: string) {
    return this.#db.read(() => this.#records.get(jobId));
  }

  list(filter: JobFilter, page: Page) {
    return this.#db.read(() => this.#records.list(filter, page));
  }

  attempts(jobId: string, page: AttemptPage) {
    return this.#db.read(() => this.#records.attempts(jobId, page));
  }

  retry(jobId: string, now: number) {
    return this.#db.write(() => this.#byHand.retry(jobId, now));
  }

  retryMany(filter: RetryFilter, limit: number, now: number) {
    return this.#db.write(() => this.#byHand.retryMany(filter, limit, now));
  }

  cancel(jobId: string, now: number) {
    return this.#db.write(() => this.#byHand.cancel(jobId, now));
  }

  group(groupId: string) {
    return this.#db.read(() => this.#groups.get(groupId));
  }

  announce(worker: WorkerRecord) {
    return this.#db.write(() => this.#workers.announce(worker));
  }

  heartbeat(workerId: string, deadline: number) {
    return this.#db.write(() => this.#workers.heartbeat(workerId, deadline));
  }

  leasesOf(workerId: string) {
    return this.#db.read(() => this.#leases.idsOfWorker(workerId));
  }

  release(leases: readonly LeasedJob[], now: number) {
    return this.#db.write(() => this.#returns.release(leases, now));
  }

  retire(workerId: string, now: number) {
    return this.#db.write(() => this.#returns.retire(workerId, now));
  }

  workers() {
    return this.#db.read(() => this.#workers.list());
  }

  reclaim(worker: WorkerRecord, now: number) {
    return this.#db.write(() => this.#returns.reclaim(worker, now));
  }

  declareSchedule(schedule: NewSchedule) {
    return this.#db.write(() => this.#schedules.declare(schedule));
  }

  schedules() {
    return this.#db.read(() => this.#schedules.list());
  }

  fireSchedule(firing: Firing, now: number) {
    return this.#db.write(() => this.#schedules.fire(firing, now));
  }

  pauseSchedule(name: string, paused: boolean, nextAt: number | null) {
    return this.#db.write(() => this.#schedules.pause(name, paused, nextAt));
  }

  removeSchedule(name: string) {
    return this.#db.write(() => this.#schedules.remove(name));
  }

  async maintain(): Promise<boolean> {
    if (!(await this.#db.read(() => this.#laneJobs.isBehind))) return false;
    await this.#db.write(() => this.#laneJobs.catchUp());
    return true;
  }

  pruneJobs(finishedBefore: number, after: string | null, limit: number) {
    return this.#db.write(() => this.#pruning.jobs(finishedBefore, after, limit));
  }

  pruneExpired(now: number, limit: number) {
    return this.#db.write(() => this.#pruning.expired(now, limit));
  }

  pruneGroups(settledBefore: number, limit: number) {
    return this.#db.write(() => this.#groups.prune(settledBefore, limit));
  }

  pruneIdempotencyKeys(now: number, limit: number) {
    return this.#db.write(() => this.#pruning.keys(now, limit));
  }

  addKey(key: ApiKey) {
    return this.#db.write(() => this.#access.addKey(key));
  }

  findKey(id: string) {
    return this.#db.read(() => this.#access.findKey(id));
  }

  listKeys() {
    return this.#db.read(() => this.#access.listKeys());
  }

  revokeKey(id: string, now: number) {
    return this.#db.write(() => this.#access.revokeKey(id, now));
  }

  getSecret(name: string) {
    return this.#db.read(() => this.#access.getSecret(name));
  }

  putSecretOnce(name: string, sealed: string) {
    return this.#db.write(() => this.#access.putSecretOnce(name, sealed));
  }

  recordCounts() {
    return this.#db.read(() => this.#transfers.counts());
  }

  exportPage<K extends RecordKind>(kind: K, after: string | null, limit: number): Promise<RecordTypes[K][]> {
    const read = () => this.#transfers.page(kind, after, limit) as RecordTypes[K][]; // of the kind that was asked for
    return this.#db.read(read);
  }

  importBatch<K extends RecordKind>(
    kind: K,
    records: readonly RecordTypes[K][],
    now: number,
  ): Promise<number> {
    return this.#db.write(() => this.#transfers.add(kind, records, now));
  }

  facts(request: FactsRequest) {
    return this.#db.read(() => this.#facts.facts(request));
  }

  async check(): Promise<void> {
    await this.#db.read(() => {
      this.#limit.check();
      this.#promotion.nextDue(); // any read will do
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

/** How many of a group's jobs were made: one whose key a live job has was not. */
function madeFor(group: NewGroup, enqueues: readonly Enqueue[], enqueued: readonly Enqueued[]): number {
  return enqueues.filter(({ job }, at) => job.ties?.groupId === group.id && enqueued[at]?.kind === "created")
    .length;
}
