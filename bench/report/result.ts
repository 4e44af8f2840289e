import type { Report } from "../load/ledger.ts";

/** What was measured of one system in one scenario in one round. */
export interface Result {
  readonly scenario: string;
  readonly system: string;
  readonly title: string;
  readonly durability: string;
  readonly round: number;
  /** Why its figures count for nothing. */
  readonly void?: string;
  readonly load?: LoadResult;
  readonly idle?: IdleResult;
  readonly task?: TaskReport;
}

export interface LoadResult {
  readonly report: Report;
  /** Jobs that the stopped system's own records say are still to be delivered: they explain what is missing. */
  readonly unfinished?: number;
  /** At one time in the tables that claims walk through, while a snapshot was held open. */
  readonly mostDeadRows?: number;
  readonly used: Used;
  /** Of the load generator, as a share of one core: near 1, it limits the others. */
  readonly generatorCores: number;
}

/** While the load ran and what it left was drained. */
export interface Used {
  readonly productCpuSeconds: number;
  /** Of that, what the server's process used; NaN where it is the only one. */
  readonly serverCpuSeconds: number;
  readonly databaseCpuSeconds: number;
  readonly productPeakMebibytes: number;
  /** NaN without a database server of its own. */
  readonly databasePeakMebibytes: number;
  /** By the product to disk. Not by a database server: some kernels count a whole large page for each small write to a log. */
  readonly writtenBytes: number;
  /** Statements or commands that the database server ran; NaN without one. */
  readonly statements: number;
  /** Of its write-ahead log or append-only file. */
  readonly logBytes: number;
}

export interface IdleResult {
  readonly seconds: number;
  /** Share of one core, of product and database. */
  readonly cores: number;
  readonly writtenBytes: number;
  readonly statements: number;
  readonly productPeakMebibytes: number;
}

export interface TaskReport {
  readonly enqueued: number;
  /** Different jobs that ran. */
  readonly ran: number;
  /** Runs of a job that had run before. */
  readonly repeated: number;
  readonly enqueueSeconds: number;
  /** From the first enqueue to the end of the last job. */
  readonly totalSeconds: number;
}

/** Deliveries to divide by: with those that had been put into the database before. */
export function deliveriesOf({ report }: LoadResult): number {
  return report.delivered + report.seededDelivered;
}
