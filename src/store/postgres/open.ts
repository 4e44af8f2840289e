import { Database } from "./driver/database.ts";
import { parseHosts } from "./driver/hosts.ts";
import { refusePooler } from "./driver/refuse-pooler.ts";
import { prepareSchema } from "./migrate.ts";
import { Partitioning } from "./partitions/partitioning.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`; several hosts with commas between, of which the one that takes writes is used. */
  readonly url: string;
  /** The most connections, besides the one that listens. Default 6. */
  readonly poolSize?: number;
  /** Brings an older schema up to date; one that is not there is made in any case. Default false: an older one is refused. */
  readonly migrate?: boolean;
  /** Told when the connection that listens is lost; it is made again, and nothing is missed because of it. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Connects, and makes the schema when there is none.
 * @throws ConfigurationError, StoreUnusableError, StoreUnavailableError
 */
export async function openDatabase(options: PostgresOptions): Promise<Database> {
  const { url, poolSize, migrate = false } = options;
  const hosts = parseHosts(url);
  await refusePooler(hosts);
  const db = new Database(poolSize === undefined ? { hosts } : { hosts, poolSize });
  try {
    await prepareSchema(db, migrate);
    while (await new Partitioning(db).change());
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
