import type * as contract from "../store.ts";
import { Access } from "./access.ts";
import { ByHand } from "./by-hand.ts";
import { Claims } from "./claim.ts";
import { ClaimRound } from "./claim-round.ts";
import type { Database } from "./database.ts";
import { Enqueues } from "./enqueue.ts";
import { LaneJobs } from "./lane-jobs.ts";
import { Leases } from "./leases.ts";
import { openDatabase, type SqliteOptions } from "./open.ts";
import { Promotion } from "./promote.ts";
import { Pruning } from "./prune.ts";
import { Queued } from "./queued.ts";
import { Records } from "./records.ts";
import { Returns } from "./returns.ts";
import { Settlements } from "./settle.ts";
import { SizeLimit } from "./size-limit.ts";
import { Watch } from "./watch.ts";
import { Workers } from "./workers.ts";

/**
 * Opens a SQLite file as a store, making and migrating it as needed.
 * @throws StoreUnusableError when it is no database of ours, StoreUnavailableError when it is locked or cannot be written.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<contract.Store> {
  return new SqliteStore(await openDatabase(options), options.maxBytes);
}

/** The contract on one SQLite file: each method a transaction around what the classes beside this file do. */
class SqliteStore implements contract.Store {
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
  readonly #watch: Watch;

  constructor(db: Database, maxBytes: number | undefined) {
    this.#db = db;
    this.#limit = new SizeLimit(db, maxBytes);
    this.#laneJobs = new LaneJobs(db);
    this.#records = new Records(db, this.#laneJobs);
    this.#workers = new Workers(db);
    this.#leases = new Leases(db, this.#workers);
    this.#claims = new Claims(db, this.#leases);
    const queued = new Queued(db);
    this.#enqueues = new Enqueues(db, queued, this.#leases);
    this.#settlements = new Settlements(db, queued, this.#leases);
    this.#promotion = new Promotion(db, queued);
    this.#returns = new Returns(this.#workers, this.#leases, queued, this.#settlements);
    this.#byHand = new ByHand(db, this.#records, queued, this.#leases, this.#settlements);
    this.#pruning = new Pruning(db, this.#laneJobs);
    this.#access = new Access(db);
    this.#watch = new Watch(db);
  }

  commit({ now, enqueues, settlements, claim }: contract.Batch): Promise<contract.Committed> {
    return this.#db.write(() => {
      if (enqueues.length > 0) this.#limit.check();
      const settled = settlements.map((settlement) => this.#settlements.settle(settlement, now));
      const round = claim && new ClaimRound(claim, now);
      // what is ready comes before what is new; what room the walk leaves, new jobs may take at once
      if (round) this.#claims.walk(round);
      const enqueued = enqueues.map((enqueue) => this.#enqueues.add(enqueue, now, round));
      return { enqueued, settled, claimed: round?.claimed ?? [], unfinished: round?.cutShort ?? false };
    });
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

  get(jobId: string) {
    return this.#db.read(() => this.#records.get(jobId));
  }

  list(filter: contract.JobFilter, page: contract.Page) {
    return this.#db.read(() => this.#records.list(filter, page));
  }

  attempts(jobId: string, page: contract.AttemptPage) {
    return this.#db.read(() => this.#records.attempts(jobId, page));
  }

  retry(jobId: string, now: number) {
    return this.#db.write(() => this.#byHand.retry(jobId, now));
  }

  retryMany(filter: contract.RetryFilter, limit: number, now: number) {
    return this.#db.write(() => this.#byHand.retryMany(filter, limit, now));
  }

  cancel(jobId: string, now: number) {
    return this.#db.write(() => this.#byHand.cancel(jobId, now));
  }

  heartbeat(workerId: string, deadline: number) {
    return this.#db.write(() => this.#workers.heartbeat(workerId, deadline));
  }

  leasesOf(workerId: string) {
    return this.#db.read(() => this.#leases.idsOfWorker(workerId));
  }

  release(leases: readonly contract.LeasedJob[], now: number) {
    return this.#db.write(() => this.#returns.release(leases, now));
  }

  retire(workerId: string, now: number) {
    return this.#db.write(() => this.#returns.retire(workerId, now));
  }

  workers() {
    return this.#db.read(() => this.#workers.list());
  }

  reclaim(worker: contract.WorkerRecord, now: number) {
    return this.#db.write(() => this.#returns.reclaim(worker, now));
  }

  async maintain(): Promise<boolean> {
    if (!(await this.#db.read(() => this.#laneJobs.isBehind))) return false;
    await this.#db.write(() => this.#laneJobs.catchUp());
    return true;
  }

  pruneJobs(finishedBefore: number, after: string | null, limit: number) {
    return this.#db.write(() => this.#pruning.jobs(finishedBefore, after, limit));
  }

  pruneIdempotencyKeys(now: number, limit: number) {
    return this.#db.write(() => this.#pruning.keys(now, limit));
  }

  addKey(key: contract.ApiKey) {
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
