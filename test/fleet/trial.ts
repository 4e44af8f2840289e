import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type Delivery, Receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { Answers, answerSoon } from "./answers.ts";
import { Fleet, type FleetSize } from "./fleet.ts";
import { type Balance, balance, isQuiet, type Query, unfinished } from "./ledger.ts";
import { Load } from "./load.ts";

/** Within this a fleet is well again, whatever has happened to it. */
const RECOVERS_WITHIN_MS = 110_000;
/** Of jobs, accepted before a fault and again after it. */
const SOME = 100;
const LOOK_EVERY_MS = 200;

export interface TrialOptions extends FleetSize {
  /** What the fleet is told to connect to. */
  readonly database: string;
  /** Asks the database that holds the jobs at the end. */
  readonly query: Query;
  /** Between the requests of each client. */
  readonly pauseMs?: number | undefined;
  /** How the receiver answers. By default most at once, some a little later, so that a fault finds deliveries in every stage. */
  readonly judge?: (delivery: Delivery) => void;
}

/** A fleet under load that has to survive a fault. */
export class Trial {
  readonly fleet: Fleet;
  readonly load: Load;
  readonly receiver: Receiver;
  readonly answers: Answers;
  readonly query: Query;
  readonly #t: TestContext;

  private constructor(
    t: TestContext,
    query: Query,
    fleet: Fleet,
    receiver: Receiver,
    answers: Answers,
    pauseMs?: number,
  ) {
    this.#t = t;
    this.query = query;
    this.fleet = fleet;
    this.receiver = receiver;
    this.answers = answers;
    this.load = new Load(fleet.servers, receiver.url, pauseMs);
    t.after(() => this.load.stop());
  }

  static async start(
    t: TestContext,
    { database, query, judge, pauseMs, ...size }: TrialOptions,
  ): Promise<Trial> {
    const answers = new Answers(judge ?? answerSoon);
    const receiver = await Receiver.start(t, answers.judge);
    const fleet = await Fleet.start(t, database, size);
    const trial = new Trial(t, query, fleet, receiver, answers, pauseMs);
    await trial.worksOn();
    return trial;
  }

  /** Once some more was accepted and delivered. */
  async worksOn(some = SOME): Promise<void> {
    const accepted = this.load.accepted.size + some;
    const delivered = this.receiver.ledger.length + some;
    await until(
      `${some} more jobs are accepted and delivered`,
      () => this.load.accepted.size >= accepted && this.receiver.ledger.length >= delivered,
    );
  }

  /**
   * Waits until jobs are accepted again and all that were accepted up to now have succeeded, which has to be soon.
   * @param since when what happened was over, or began if it does not end.
   */
  async recovers(since: number): Promise<void> {
    const before = [...this.load.accepted.keys()];
    const from = performance.now();
    const accepting = until(
      "jobs are accepted again",
      () => this.load.acceptedAt > from && this.load.acceptedAt,
    );
    const finished = until("all accepted jobs have succeeded", async () => {
      const left = await unfinished(this.query, before).catch(() => undefined);
      if (left?.length === 0) return performance.now();
      await pause(LOOK_EVERY_MS);
      return false;
    });
    const [accepts, done] = await Promise.all([accepting, finished]).catch((error: unknown) => {
      this.#t.diagnostic(this.fleet.log.slice(-5_000));
      throw error;
    });
    this.#t.diagnostic(
      `accepts again after ${seconds(accepts - since)}, delivered all after ${seconds(done - since)}`,
    );
    assert.ok(Math.max(accepts, done) - since < RECOVERS_WITHIN_MS, "the fleet took too long to recover");
  }

  /** Ends the load, waits until all is done, and looks at the books. */
  async endsWell(): Promise<Balance> {
    await this.load.stop();
    await until("nothing is queued or running any more", () => isQuiet(this.query));
    const books = await balance(this.query, this.load, this.receiver);
    const refused = [...this.load.refused].map(([status, count]) => `${count} × ${status || "no answer"}`);
    this.#t.diagnostic(
      `${books.accepted} accepted, ${books.delivered} delivered, ${books.duplicates} of them again for ${books.lost} ` +
        `lost attempts; refused: ${refused.join(", ") || "none"}; slowest answer ${seconds(this.load.slowestAnswerMs)}`,
    );
    return books;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
