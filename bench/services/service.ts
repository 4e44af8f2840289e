/** A database server next to the system: started for each run, in a folder of its own. */
export interface Service {
  readonly url: string;
  readonly pid: number;
  counters(): Promise<Counters>;
  stop(): Promise<void>;
}

/** What it has done since it was started. */
export interface Counters {
  /** SQL statements, or Redis commands. */
  readonly statements: number;
  /** Of the log that makes writes durable: PostgreSQL's WAL, Redis' append-only file. */
  readonly logBytes: number;
}

export type ServiceName = "redis" | "redis-fsync" | "postgres";
