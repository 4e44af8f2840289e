import { Database } from "./driver/database.ts";
import { parseHosts } from "./driver/hosts.ts";
import { refusePooler } from "./driver/refuse-pooler.ts";
import { DEFAULT_SCHEMA, splitSchema } from "./driver/schema.ts";
import { prepareSchema } from "./migrate.ts";
import { Partitioning } from "./partitions/partitioning.ts";

export interface PostgresOptions {
  /**
   * `postgres://user:password@host:5432/database`; several hosts with commas between, of which the one that takes writes is used.
   * With `?schema=` the tables are in the schema of that name; by default in `posthorn`.
   */
  readonly url: string;
  /** The most connections, besides the one that listens. Default 6. */
  readonly poolSize?: number;
  /** Brings an older schema up to date; one that is not there is made in any case. Default false: an older one is refused. */
  readonly migrate?: boolean;
  /** Called when the listening connection is lost; it is opened again, and nothing is missed. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Connects, and makes the schema when there is none.
 * @throws ConfigurationError, StoreUnusableError, StoreUnavailableError
 */
export async function openDatabase(options: PostgresOptions): Promise<Database> {
  const { url, poolSize, migrate = false } = options;
  const { schema = DEFAULT_SCHEMA } = splitSchema(url);
  const hosts = parseHosts(url);
  await refusePooler(hosts);
  const db = new Database({ hosts, schema, ...(poolSize !== undefined && { poolSize }) });
  try {
    await prepareSchema(db, migrate);
    while (await new Partitioning(db).change());
    db.hasWorked();
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
