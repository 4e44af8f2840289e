import { firstIdAt } from "../../core/id.ts";
import type { Database } from "./driver/database.ts";
import { statement } from "./driver/statement.ts";
import { uuidOf } from "./job-id.ts";

const KEY = ["", "posthorn: is there room?"] as const;

/** As large as a large payload, because less may fit where a job does not. Random, so that it cannot be compressed. */
const KEEP = statement(`
  insert into posthorn.idempotency_keys (scope, key, fingerprint, job, expires_at)
  select $1, $2, string_agg(md5(random()::text), ''), $3::uuid, 0
  from generate_series(1, 8192)
  on conflict (scope, key) do nothing`);

const DROP = statement("delete from posthorn.idempotency_keys where scope = $1 and key = $2");

/**
 * Checks whether jobs can be written again after the server refused writes: writes as much as a job may need, and deletes it.
 * @throws StoreUnavailableError when they cannot.
 */
export async function checkRoom(db: Database): Promise<void> {
  if (!db.hasFailedToWrite) return;
  await db.write(async (transaction) => {
    void transaction.run(KEEP, ...KEY, uuidOf(firstIdAt("job", 0)));
    void transaction.run(DROP, ...KEY);
  });
  db.canWriteAgain();
}
