// What the peers' servers use of packages that are not installed with the project, so that they are checked without them.

declare module "bullmq" {
  export interface Job {
    readonly data: Record<string, unknown>;
  }
  export interface ConnectionOptions {
    readonly url: string;
    readonly maxRetriesPerRequest?: null;
  }
  export class Queue {
    constructor(name: string, options: { readonly connection: ConnectionOptions });
    add(
      name: string,
      data: object,
      options?: { readonly attempts?: number },
    ): Promise<{ readonly id?: string }>;
    close(): Promise<void>;
  }
  export class Worker {
    constructor(
      name: string,
      run: (job: Job) => Promise<unknown>,
      options: { readonly connection: ConnectionOptions; readonly concurrency: number },
    );
    close(): Promise<void>;
  }
}

declare module "pg-boss" {
  export interface Job {
    readonly id: string;
    readonly data: Record<string, unknown>;
  }
  export class PgBoss {
    constructor(options: {
      readonly connectionString: string;
      readonly max?: number;
      readonly useListenNotify?: boolean;
    });
    on(event: "error", listener: (error: Error) => void): this;
    start(): Promise<this>;
    stop(): Promise<void>;
    createQueue(
      name: string,
      options: { readonly notify?: boolean; readonly retryLimit?: number },
    ): Promise<void>;
    send(name: string, data: object): Promise<string | null>;
    work(
      name: string,
      options: {
        readonly batchSize: number;
        readonly localConcurrency: number;
        readonly pollingIntervalSeconds: number;
        readonly burstWhenBatchFull: boolean;
        readonly perJobResults: true;
      },
      run: (jobs: Job[]) => Promise<{ id: string; status: "completed" | "failed"; output?: object }[]>,
    ): Promise<string>;
  }
}

declare module "graphile-worker" {
  export class Logger {
    constructor(factory: () => (level: string, message: string) => void);
  }
  export interface Runner {
    stop(): Promise<void>;
    addJob(task: string, payload: object): Promise<{ readonly id: string }>;
  }
  export function run(options: {
    readonly preset: {
      readonly worker: {
        readonly connectionString: string;
        readonly concurrentJobs: number;
        readonly maxPoolSize: number;
        readonly pollInterval: number;
        readonly localQueue: { readonly size: number };
        readonly completeJobBatchDelay: number;
        readonly failJobBatchDelay: number;
        readonly logger: Logger;
      };
    };
    readonly taskList: Record<string, (payload: unknown) => Promise<void>>;
  }): Promise<Runner>;
}
