import { resolve } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { byHandOf } from "../by-hand.ts";
import { parkingOf } from "../parking.ts";
import { shelvesOn } from "../shelves/shelves.ts";
import { Transfers } from "../shelves/transfers.ts";
import type { Store } from "../store.ts";
import { TakenBackups } from "./backup/taken-backups.ts";
import { ShelfSession } from "./driver/shelf-session.ts";
import { SizeLimit } from "./driver/size-limit.ts";
import { mayReadAside, openDatabase, type SqliteOptions } from "./open.ts";
import { Upkeep } from "./prune.ts";
import { Claims } from "./queue/claim.ts";
import { Enqueues } from "./queue/enqueue.ts";
import { Fires } from "./queue/fire.ts";
import { Groups } from "./queue/groups.ts";
import { IdempotencyKeys } from "./queue/idempotency.ts";
import { Leases } from "./queue/leases.ts";
import { LiveKeys } from "./queue/live-keys.ts";
import { NewJobs } from "./queue/new-jobs.ts";
import { OrderedLanes } from "./queue/ordered-lanes.ts";
import { Parked } from "./queue/parked.ts";
import { Promotion } from "./queue/promote.ts";
import { Queue } from "./queue/queue.ts";
import { Queued } from "./queue/queued.ts";
import { Register } from "./queue/register.ts";
import { Settlements } from "./queue/settle.ts";
import { Submissions } from "./queue/submissions.ts";
import { TiedJobs } from "./queue/tied-jobs.ts";
import { Transactions } from "./queue/transactions.ts";
import { Watch } from "./queue/watch.ts";
import { Workers } from "./queue/workers.ts";
import { AttemptLog } from "./records/attempt-log.ts";
import { Attempts } from "./records/attempts.ts";
import { BulkJobs } from "./records/bulk-jobs.ts";
import { Cancellation } from "./records/cancel.ts";
import { FactFinder } from "./records/facts.ts";
import { LaneJobs } from "./records/lane-jobs.ts";
import { ReadThread } from "./records/read-thread.ts";
import { Records } from "./records/records.ts";
import { RerunByHand } from "./records/rerun.ts";
import { TransferJobs } from "./records/transfer-jobs.ts";
import { Room } from "./room.ts";

/**
 * Opens a SQLite file as a store, making and migrating it as needed.
 * @throws StoreUnusableError when it is no database of ours, StoreUnavailableError when it is locked or cannot be written.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const db = await openDatabase(options);
  const limit = new SizeLimit(db, options.maxBytes);
  const laneJobs = new LaneJobs(db);
  const attemptLog = new AttemptLog(db);
  const thread = mayReadAside(options.file) ? new ReadThread(resolve(options.file)) : undefined;
  const records = new Records(db, laneJobs, thread);
  const workers = new Workers(db);
  const leases = new Leases(db, workers);
  const queued = new Queued(db);
  const parked = new Parked(db, queued);
  const liveKeys = new LiveKeys(db);
  const ordered = new OrderedLanes(db, queued);
  const newJobs = new NewJobs(db, liveKeys, queued, parked, ordered);
  const groups = new Groups(db, newJobs);
  const tied = new TiedJobs(db, liveKeys, groups, newJobs, ordered);
  const idempotency = new IdempotencyKeys(db);
  const enqueues = new Enqueues(newJobs, leases, idempotency);
  const settlements = new Settlements(db, queued, parked, leases, tied, attemptLog);
  const session = new ShelfSession(db);
  const room = new Room(db);
  const queue = new Queue({
    ...{ db, limit, settlements, enqueues, leases },
    claims: new Claims(db, leases),
    submissions: new Submissions(enqueues, groups, idempotency, session),
    promotion: new Promotion(db, queued),
    transactions: new Transactions(db, options.maxBytes),
    watch: new Watch(db),
  });
  const fires = new Fires(db, newJobs);
  const reruns = new RerunByHand({ db, records, queued, settlements, tied, session });
  const cancellation = new Cancellation({ db, records, leases, settlements, tied, session });
  return {
    ...shelvesOn(session, (firing, now) => fires.fire(firing, now)),
    clock: systemClock,
    isShared: false,
    commitsAtOnce: 1,
    queue,
    records,
    attempts: new Attempts(db, laneJobs, attemptLog, session),
    groups,
    parking: parkingOf(parked, cancellation),
    byHand: byHandOf(reruns, cancellation),
    bulkJobs: new BulkJobs({ db, laneJobs, records, reruns, cancellation, tied, enqueues, session }),
    workers: new Register(db, workers, leases, settlements, tied),
    retention: new Upkeep(db, laneJobs, attemptLog),
    transfer: new Transfers(session, new TransferJobs(db, attemptLog)),
    inspection: new FactFinder(db, options.maxBytes),
    backups: new TakenBackups(options.file),
    check: async () => {
      await db.read(() => limit.check());
      await room.check();
      await queue.nextDue(); // any read will do
    },
    close: async () => {
      await thread?.close();
      db.close();
    },
  };
}
