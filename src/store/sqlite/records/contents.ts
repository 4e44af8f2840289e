import { holdsIn, type JobContent, MOST_BYTES_SEARCHED, type Sought } from "../../../core/job-content.ts";
import type { Database, Statement } from "../driver/database.ts";

interface ContentRow extends JobContent {
  /** Of a delivery of an event. */
  readonly payload: Uint8Array | null;
}

const utf8 = new TextDecoder();

/** What is in jobs, as searches compare it. */
export class Contents {
  readonly #content: Statement<ContentRow>;

  constructor(db: Database) {
    this.#content = db.prepare(`
      select iif(octet_length(j.payload) <= ?2, j.payload, '') as input,
        iif(octet_length(e.payload) <= ?2, e.payload, null) as payload,
        f.result,
        iif(f.job is null, (select a.error from attempts a where a.job = j.seq order by a.n desc limit 1), f.error)
          as error
      from jobs j
      left join finished f on f.job = j.seq
      left join events e on e.id = j.event
      where j.seq = ?1`);
  }

  /** @param key a job's. */
  hold(key: number, sought: Sought): boolean {
    const row = this.#content.get(key, MOST_BYTES_SEARCHED);
    if (!row) return false;
    return holdsIn(sought)({ ...row, input: row.payload ? utf8.decode(row.payload) : row.input });
  }
}
