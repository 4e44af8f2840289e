import { resolve } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { shelvesOn } from "../shelves/shelves.ts";
import { Transfers } from "../shelves/transfers.ts";
import type { Store } from "../store.ts";
import { ShelfSession } from "./driver/shelf-session.ts";
import { SizeLimit } from "./driver/size-limit.ts";
import { mayReadAside, openDatabase, type SqliteOptions } from "./open.ts";
import { Upkeep } from "./prune.ts";
import { Claims } from "./queue/claim.ts";
import { Enqueues } from "./queue/enqueue.ts";
import { Fires } from "./queue/fire.ts";
import { FreshJobs } from "./queue/fresh-jobs.ts";
import { Groups } from "./queue/groups.ts";
import { IdempotencyKeys } from "./queue/idempotency.ts";
import { JobRows } from "./queue/job-rows.ts";
import { Leases } from "./queue/leases.ts";
import { LiveKeys } from "./queue/live-keys.ts";
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
import { Changes } from "./records/by-hand.ts";
import { FactFinder } from "./records/facts.ts";
import { LaneJobs } from "./records/lane-jobs.ts";
import { ReadThread } from "./records/read-thread.ts";
import { Records } from "./records/records.ts";
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
  const thread = mayReadAside(options.file) ? new ReadThread(resolve(options.file)) : undefined;
  const records = new Records(db, laneJobs, thread);
  const workers = new Workers(db);
  const leases = new Leases(db, workers);
  const queued = new Queued(db);
  const parked = new Parked(db, queued);
  const rows = new JobRows(db);
  const liveKeys = new LiveKeys(db);
  const fresh = new FreshJobs(rows, liveKeys, queued);
  const groups = new Groups(db, fresh);
  const tied = new TiedJobs(db, liveKeys, groups, fresh);
  const idempotency = new IdempotencyKeys(db);
  const enqueues = new Enqueues(rows, liveKeys, queued, leases, idempotency);
  const settlements = new Settlements(db, queued, parked, leases, tied);
  const session = new ShelfSession(db);
  const room = new Room(db);
  const queue = new Queue({
    db,
    limit,
    settlements,
    claims: new Claims(db, leases),
    enqueues,
    submissions: new Submissions(enqueues, groups, idempotency, session),
    leases,
    promotion: new Promotion(db, queued),
    transactions: new Transactions(db, options.maxBytes),
    watch: new Watch(db),
  });
  const fires = new Fires(db, fresh);
  return {
    ...shelvesOn(session, (firing, now) => fires.fire(firing, now)),
    clock: systemClock,
    isShared: false,
    commitsAtOnce: 1,
    queue,
    records,
    groups,
    parking: parked,
    byHand: new Changes(db, records, queued, leases, settlements, tied),
    workers: new Register(db, workers, leases, settlements, tied),
    retention: new Upkeep(db, laneJobs),
    transfer: new Transfers(session, new TransferJobs(db)),
    inspection: new FactFinder(db),
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
