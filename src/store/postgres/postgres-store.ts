import { notOfPostgres } from "../backups.ts";
import { byHandOf } from "../by-hand.ts";
import { parkingOf } from "../parking.ts";
import { shelvesOn } from "../shelves/shelves.ts";
import { Transfers } from "../shelves/transfers.ts";
import type { Store } from "../store.ts";
import { ShelfSession } from "./driver/shelf-session.ts";
import { openDatabase, type PostgresOptions } from "./open.ts";
import { Upkeep } from "./prune.ts";
import { Claims } from "./queue/claim.ts";
import { Commits } from "./queue/commit.ts";
import { Enqueues } from "./queue/enqueue.ts";
import { Fires } from "./queue/fire.ts";
import { Groups } from "./queue/groups.ts";
import { IdempotencyKeys } from "./queue/idempotency.ts";
import { Leases } from "./queue/leases.ts";
import { LiveKeys } from "./queue/live-keys.ts";
import { NewJobs } from "./queue/new-jobs.ts";
import { Parked } from "./queue/parked.ts";
import { Promotion } from "./queue/promote.ts";
import { Queue } from "./queue/queue.ts";
import { Register } from "./queue/register.ts";
import { Settlements } from "./queue/settle.ts";
import { Signals } from "./queue/signals.ts";
import { TiedJobs } from "./queue/tied-jobs.ts";
import { Tokens } from "./queue/tokens.ts";
import { Transactions } from "./queue/transactions.ts";
import { Watch } from "./queue/watch.ts";
import { Workers } from "./queue/workers.ts";
import { Attempts } from "./records/attempts.ts";
import { BulkJobs } from "./records/bulk-jobs.ts";
import { Cancellation } from "./records/cancel.ts";
import { FactFinder } from "./records/facts.ts";
import { Records } from "./records/records.ts";
import { RerunByHand } from "./records/rerun.ts";
import { TransferJobs } from "./records/transfer-jobs.ts";
import { checkRoom } from "./room.ts";

export type { PostgresOptions } from "./open.ts";

/**
 * Opens a PostgreSQL database as a store: 14 or newer, in a schema of its own.
 * @throws ConfigurationError for the connection string, StoreUnusableError when the database or its schema cannot be used,
 * StoreUnavailableError when it cannot be reached.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const db = await openDatabase(options);
  const newJobs = new NewJobs();
  const liveKeys = new LiveKeys();
  const groups = new Groups(db);
  const tied = new TiedJobs(liveKeys, groups);
  const session = new ShelfSession(db);
  const enqueues = new Enqueues(new IdempotencyKeys(), liveKeys, session);
  const settlements = new Settlements();
  const tokens = new Tokens();
  const workers = new Workers(db);
  const leases = new Leases(db);
  const claims = new Claims(tokens);
  const signals = new Signals(db, options.onTrouble ?? (() => {}));
  db.onWork = () => signals.notify();
  const reruns = new RerunByHand(db, tied, session);
  const parked = new Parked(db);
  const cancellation = new Cancellation({ db, leases, settlements, tied, newJobs, session });
  const queue = new Queue({
    commits: new Commits({
      ...{ db, tokens, workers, leases, claims, settlements, enqueues, newJobs, groups, tied, session },
    }),
    transactions: new Transactions(db, session, enqueues, groups, newJobs),
    promotion: new Promotion(db),
    watch: new Watch(db),
    signals,
  });
  const fires = new Fires(db, enqueues, newJobs);
  return {
    ...shelvesOn(session, (firing, now) => fires.fire(firing, now)),
    clock: db.clock,
    isShared: true,
    commitsAtOnce: 2,
    queue,
    records: new Records(db),
    attempts: new Attempts(db, session),
    groups,
    parking: parkingOf(parked, cancellation),
    byHand: byHandOf(reruns, cancellation),
    bulkJobs: new BulkJobs({ db, session, reruns, cancellation, newJobs }),
    workers: new Register(db, workers, leases, settlements, tied, newJobs),
    retention: new Upkeep(db),
    transfer: new Transfers(session, new TransferJobs(db)),
    inspection: new FactFinder(db),
    backups: { check: refuseBackup, take: async () => refuseBackup() },
    check: async () => {
      await queue.nextDue(); // any read will do
      await checkRoom(db);
    },
    close: async () => {
      await signals.close();
      await db.close();
    },
  };
}

function refuseBackup(): never {
  throw notOfPostgres();
}
