import { PeakMemory, type Usage, usageOf, usedBetween } from "./machine/usage.ts";
import type { Used } from "./report/result.ts";
import type { Counters } from "./services/service.ts";
import type { Stage } from "./stage.ts";

const NOTHING: Counters = { statements: Number.NaN, logBytes: Number.NaN };

/** What a stage's product and database use from `start` to `stop`. */
export class Meter {
  readonly #stage: Stage;
  readonly #product: Usage;
  readonly #server: Usage;
  readonly #database: Usage;
  readonly #counters: Counters;
  readonly #productMemory: PeakMemory;
  readonly #databaseMemory: PeakMemory;

  private constructor(stage: Stage, counters: Counters) {
    this.#stage = stage;
    this.#counters = counters;
    this.#product = usageOf(stage.systemPids);
    this.#server = usageOf(stage.systemPids.slice(0, 1));
    this.#database = usageOf(stage.servicePids);
    this.#productMemory = new PeakMemory(stage.systemPids);
    this.#databaseMemory = new PeakMemory(stage.servicePids);
  }

  static async start(stage: Stage): Promise<Meter> {
    return new Meter(stage, (await stage.service?.counters()) ?? NOTHING);
  }

  async stop(): Promise<Used> {
    const pids = this.#stage.systemPids;
    const product = usedBetween(this.#product, usageOf(pids));
    const server = usedBetween(this.#server, usageOf(pids.slice(0, 1)));
    const database = usedBetween(this.#database, usageOf(this.#stage.servicePids));
    const counters = (await this.#stage.service?.counters()) ?? NOTHING;
    return {
      productCpuSeconds: product.cpuSeconds,
      serverCpuSeconds: pids.length > 1 ? server.cpuSeconds : Number.NaN,
      databaseCpuSeconds: database.cpuSeconds,
      productPeakMebibytes: this.#productMemory.stop(),
      databasePeakMebibytes: this.#databaseMemory.stop(),
      writtenBytes: product.writtenBytes,
      statements: counters.statements - this.#counters.statements,
      logBytes: counters.logBytes - this.#counters.logBytes,
    };
  }
}
