import type { FactsRequest } from "../facts.ts";
import type { AttemptPage, JobFilter, Page, RetryFilter } from "../job-records.ts";
import type { ApiKey } from "../key-ring.ts";
import type { Batch, Committed, Enqueue, LeasedJob } from "../queue.ts";
import type { Firing, NewSchedule } from "../schedule-shelf.ts";
import type { Store } from "../store.ts";
import type { RecordKind, RecordTypes } from "../transfer.ts";
import type { WorkerRecord } from "../worker-record.ts";
import { Access } from "./access.ts";
import { Compaction } from "./compaction.ts";
import type { Database } from "./driver/database.ts";
import type { ServerClock } from "./driver/server-clock.ts";
import { openDatabase, type PostgresOptions } from "./open.ts";
import { Partitioning } from "./partitions/partitioning.ts";
import { Pruning } from "./prune.ts";
import { Claims } from "./queue/claim.ts";
import { Commits } from "./queue/commit.ts";
import { Enqueues } from "./queue/enqueue.ts";
import { Groups } from "./queue/groups.ts";
import { IdempotencyKeys } from "./queue/idempotency.ts";
import { Leases } from "./queue/leases.ts";
import { LiveKeys } from "./queue/live-keys.ts";
import { NewJobs } from "./queue/new-jobs.ts";
import { Promotion } from "./queue/promote.ts";
import { Returns } from "./queue/returns.ts";
import { Settlements } from "./queue/settle.ts";
import { Signals } from "./queue/signals.ts";
import { TiedJobs } from "./queue/tied-jobs.ts";
import { Tokens } from "./queue/tokens.ts";
import { Transactions } from "./queue/transactions.ts";
import { Watch } from "./queue/watch.ts";
import { Workers } from "./queue/workers.ts";
import { Cancellation } from "./records/cancel.ts";
import { FactFinder } from "./records/facts.ts";
import { Records } from "./records/records.ts";
import { RetryByHand } from "./records/retry.ts";
import { Schedules } from "./schedules.ts";
import { Transfers } from "./transfer/transfer.ts";

export type { PostgresOptions } from "./open.ts";

/**
 * Opens a PostgreSQL database as a store: 14 or newer, in a schema of its own named `posthorn`.
 * @throws ConfigurationError for the connection string, StoreUnusableError when the database or its schema cannot be used,
 * StoreUnavailableError when it cannot be reached.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  return new PostgresStore(await openDatabase(options), options.onTrouble);
}

/** A caller's transaction is looked for this long after it was given a job; most are over by then. */
const CALLER_COMMITS_WITHIN_MS = 1_000;

/** The contract on one PostgreSQL database. */
class PostgresStore implements Store {
  readonly clock: ServerClock;
  readonly isShared = true;
  readonly commitsAtOnce = 2;
  readonly #db: Database;
  readonly #commits: Commits;
  readonly #promotion: Promotion;
  readonly #records: Records;
  readonly #groups: Groups;
  readonly #retries: RetryByHand;
  readonly #cancellation: Cancellation;
  readonly #workers: Workers;
  readonly #leases: Leases;
  readonly #returns: Returns;
  readonly #schedules: Schedules;
  readonly #pruning: Pruning;
  readonly #compaction: Compaction;
  readonly #partitioning: Partitioning;
  readonly #access: Access;
  readonly #transfers: Transfers;
  readonly #facts: FactFinder;
  readonly #transactions: Transactions;
  readonly #watch: Watch;
  readonly #signals: Signals;

  constructor(db: Database, onTrouble: (error: unknown) => void = () => {}) {
    this.#db = db;
    this.clock = db.clock;
    const newJobs = new NewJobs();
    const liveKeys = new LiveKeys();
    this.#groups = new Groups(db);
    const tied = new TiedJobs(liveKeys, this.#groups);
    const enqueues = new Enqueues(new IdempotencyKeys(), liveKeys);
    const settlements = new Settlements();
    const tokens = new Tokens();
    this.#workers = new Workers(db);
    this.#leases = new Leases(db);
    this.#commits = new Commits({
      db,
      tokens,
      workers: this.#workers,
      leases: this.#leases,
      claims: new Claims(tokens),
      settlements,
      enqueues,
      newJobs,
      groups: this.#groups,
      tied,
    });
    this.#promotion = new Promotion(db);
    this.#records = new Records(db);
    this.#retries = new RetryByHand(db, tied);
    this.#cancellation = new Cancellation(db, this.#leases, settlements, tied, newJobs);
    this.#returns = new Returns(db, this.#workers, this.#leases, settlements, tied, newJobs);
    this.#schedules = new Schedules(db, enqueues, newJobs);
    this.#compaction = new Compaction(db);
    this.#partitioning = new Partitioning(db);
    this.#pruning = new Pruning(db);
    this.#access = new Access(db);
    this.#transfers = new Transfers(db);
    this.#facts = new FactFinder(db);
    this.#transactions = new Transactions(db, enqueues, newJobs);
    this.#watch = new Watch(db);
    this.#signals = new Signals(db, onTrouble);
    db.onWork = () => this.#signals.notify();
  }

  commit(batch: Batch): Promise<Committed> {
    return this.#commits.commit(batch);
  }

  enqueueWithin(transaction: unknown, enqueues: readonly Enqueue[], now: number) {
    this.#watch.expectFor(CALLER_COMMITS_WITHIN_MS);
    return this.#transactions.enqueue(transaction, enqueues, now);
  }

  promote(now: number, limit: number): Promise<number> {
    return this.#promotion.promote(now, limit);
  }

  nextDue(): Promise<number | null> {
    return this.#promotion.nextDue();
  }

  changedElsewhere(): Promise<boolean> {
    return this.#watch.changedElsewhere();
  }

  onChange(changed: () => void): () => void {
    return this.#signals.onChange(changed);
  }

  get(jobId: string) {
    return this.#records.get(jobId);
  }

  list(filter: JobFilter, page: Page) {
    return this.#records.list(filter, page);
  }

  attempts(jobId: string, page: AttemptPage) {
    return this.#records.attempts(jobId, page);
  }

  group(groupId: string) {
    return this.#groups.get(groupId);
  }

  retry(jobId: string, now: number) {
    return this.#retries.retry(jobId, now);
  }

  retryMany(filter: RetryFilter, limit: number, now: number) {
    return this.#retries.retryMany(filter, limit, now);
  }

  cancel(jobId: string, now: number) {
    return this.#cancellation.cancel(jobId, now);
  }

  async announce(worker: WorkerRecord): Promise<void> {
    await this.#workers.announce(this.#db, worker);
  }

  heartbeat(workerId: string, deadline: number) {
    return this.#workers.heartbeat(workerId, deadline);
  }

  leasesOf(workerId: string) {
    return this.#leases.idsOfWorker(workerId);
  }

  release(leases: readonly LeasedJob[], now: number) {
    return this.#returns.release(leases, now);
  }

  retire(workerId: string, now: number) {
    return this.#returns.retire(workerId, now);
  }

  workers() {
    return this.#workers.list();
  }

  reclaim(worker: WorkerRecord, now: number) {
    return this.#returns.reclaim(worker, now);
  }

  declareSchedule(schedule: NewSchedule) {
    return this.#schedules.declare(schedule);
  }

  schedules() {
    return this.#schedules.list();
  }

  fireSchedule(firing: Firing, now: number) {
    return this.#schedules.fire(firing, now);
  }

  pauseSchedule(name: string, paused: boolean, nextAt: number | null) {
    return this.#schedules.pause(name, paused, nextAt);
  }

  removeSchedule(name: string) {
    return this.#schedules.remove(name);
  }

  async maintain(): Promise<boolean> {
    return (await this.#compaction.run()) || (await this.#partitioning.run()); // the rest is autovacuum's
  }

  pruneJobs(finishedBefore: number, after: string | null, limit: number) {
    return this.#pruning.jobs(finishedBefore, after, limit);
  }

  pruneExpired(now: number, limit: number) {
    return this.#pruning.expired(now, limit);
  }

  pruneGroups(settledBefore: number, limit: number) {
    return this.#groups.prune(settledBefore, limit);
  }

  pruneIdempotencyKeys(now: number, limit: number) {
    return this.#pruning.keys(now, limit);
  }

  addKey(key: ApiKey) {
    return this.#access.addKey(key);
  }

  findKey(id: string) {
    return this.#access.findKey(id);
  }

  listKeys() {
    return this.#access.listKeys();
  }

  revokeKey(id: string, now: number) {
    return this.#access.revokeKey(id, now);
  }

  getSecret(name: string) {
    return this.#access.getSecret(name);
  }

  putSecretOnce(name: string, sealed: string) {
    return this.#access.putSecretOnce(name, sealed);
  }

  recordCounts() {
    return this.#transfers.counts();
  }

  exportPage<K extends RecordKind>(kind: K, after: string | null, limit: number): Promise<RecordTypes[K][]> {
    return this.#transfers.page(kind, after, limit) as Promise<RecordTypes[K][]>; // of the kind that was asked for
  }

  importBatch<K extends RecordKind>(
    kind: K,
    records: readonly RecordTypes[K][],
    now: number,
  ): Promise<number> {
    return this.#transfers.add(kind, records, now);
  }

  facts(request: FactsRequest) {
    return this.#facts.facts(request);
  }

  async check(): Promise<void> {
    await this.#promotion.nextDue(); // any read will do
  }

  async close(): Promise<void> {
    await this.#signals.close();
    await this.#db.close();
  }
}
