import type { Clock } from "../../core/clock.ts";
import { SpareTime } from "../../core/spare-time.ts";
import type { Intake } from "../../engine/intake/intake.ts";
import type { Part } from "../../engine/part.ts";
import { Rhythm } from "../../engine/rhythm.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Fanout } from "../../store/shelves/fanouts.ts";
import type { Store } from "../../store/store.ts";
import type { Breakers } from "../breaker/breakers.ts";
import type { Registry } from "../registry/registry.ts";
import { endpointJob } from "./endpoint-job.ts";
import { JOBS_OF_A_SMALL_STEP, JOBS_OF_A_STEP } from "./jobs-at-once.ts";
import { OtherJobs } from "./other-jobs.ts";

export interface FanoutParts {
  readonly store: Pick<Store, "fanouts">;
  readonly intake: Pick<Intake, "submit">;
  readonly registry: Pick<Registry, "load">;
  readonly breakers: Pick<Breakers, "heldUpBy">;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

/** How often to look for fan-outs that other processes started and did not finish. */
const LOOK_MS = 1_000;
const AT_A_LOOK = 16;
/** However busy others keep this process, a fan-out makes the next jobs after this: some five hundred a second. */
const LONGEST_WAIT_MS = 20;
/** How much of its time the process may be busy before the next step, alone and while other jobs come in. */
const BUSY_SHARE = 0.6;
const SMALL_BUSY_SHARE = 0.4;

/**
 * Creates the jobs of events with more endpoints than one transaction should create jobs for, in steps that leave other work the time
 * it needs. Any process continues where another one stopped: jobs and progress are written together.
 */
export class Fanouts implements Part {
  readonly #parts: FanoutParts;
  readonly #rhythm: Rhythm;
  readonly #others: OtherJobs;
  #going: Promise<void> | undefined;
  #isWoken = false;
  #isStopped = false;

  constructor(parts: FanoutParts) {
    this.#parts = parts;
    this.#others = new OtherJobs(parts.instrument);
    this.#rhythm = new Rhythm(parts.clock, parts.instrument, LOOK_MS, () => this.#go());
  }

  start(): void {
    this.#rhythm.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#rhythm.stop();
    await this.#going?.catch(() => {}); // its caller reports it
  }

  /** There is one to go on with. @param made how many of its jobs its event was accepted with. */
  wake(made: number): void {
    this.#others.areNot(made);
    this.#go().catch((error: unknown) => {
      this.#parts.instrument["step.failed"].publish({ step: "fan out", error });
    });
  }

  #go(): Promise<void> {
    this.#isWoken = true;
    this.#going ??= this.#goOn().finally(() => {
      this.#going = undefined;
    });
    return this.#going;
  }

  async #goOn(): Promise<void> {
    while (this.#isWoken && !this.#isStopped) {
      this.#isWoken = false;
      for (let after: string | null = null; ; ) {
        const some: Fanout[] = await this.#parts.store.fanouts.next(after, AT_A_LOOK);
        for (const fanout of some) await this.#finish(fanout);
        after = some.at(-1)?.event ?? null;
        if (some.length < AT_A_LOOK) break;
      }
    }
  }

  async #finish(fanout: Fanout): Promise<void> {
    const endpoints = JSON.parse(fanout.endpoints) as string[]; // only `send` writes it
    const spareTime = new SpareTime(LONGEST_WAIT_MS);
    this.#others.beginToCount();
    let { cursor } = fanout;
    while (!this.#isStopped && cursor <= endpoints.length) {
      const isShared = this.#others.cameLately(performance.now());
      const to = cursor + (isShared ? JOBS_OF_A_SMALL_STEP : JOBS_OF_A_STEP);
      if (!(await this.#makeJobs(fanout, endpoints, cursor, to))) return; // another process goes on with it
      cursor = to;
      await spareTime.forNextStep(isShared ? SMALL_BUSY_SHARE : BUSY_SHARE);
    }
  }

  /** False when somebody else made them. */
  async #makeJobs(fanout: Fanout, endpoints: readonly string[], from: number, to: number): Promise<boolean> {
    const { store, registry, breakers, intake, clock } = this.#parts;
    const { event: id, tenant, runAt, tags } = fanout;
    const keys = endpoints.slice(from, to).map((endpoint) => ({ tenant, id: endpoint }));
    const known = await registry.load(keys);
    const now = clock.now();
    const jobs = keys.flatMap((key) => {
      const endpoint = known.get(key.id);
      if (!endpoint) return [];
      return [endpointJob({ id, tenant, runAt, tags }, endpoint, now, breakers.heldUpBy(key.id))];
    });
    const guard =
      to < endpoints.length ? store.fanouts.advancing(id, from, to) : store.fanouts.finishing(id, from);
    this.#others.areNot(jobs.length);
    const { refused } = await intake.submit({ jobs, guard, mayBeLost: true });
    return !refused && to < endpoints.length;
  }
}
