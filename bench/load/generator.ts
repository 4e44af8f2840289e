import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { Ledger, type Report } from "./ledger.ts";
import type { LoadPlan } from "./plan.ts";
import type { Receiver } from "./receiver.ts";

const LOOK_EVERY_MS = 20;

/** PostgreSQL compresses large values: one letter repeated would cost it next to nothing. */
function incompressible(characters: number): string {
  return randomBytes(characters).toString("base64url").slice(0, characters);
}

/** One load on one system: sends what the plan says, then waits for what was accepted. */
export class Generator {
  readonly #url: URL;
  readonly #headers: Record<string, string>;
  readonly #plan: LoadPlan;
  readonly #receiver: Receiver;
  readonly #ledger: Ledger;
  readonly #run: number;
  readonly #pool: Pool;
  readonly #padding: string;
  #slowOwed = 0;
  #from = 0;
  #until = 0;

  constructor(url: string, token: string | undefined, plan: LoadPlan, receiver: Receiver) {
    this.#url = new URL(url);
    this.#headers = {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    this.#plan = plan;
    this.#receiver = receiver;
    receiver.slowMs = plan.slowMs;
    this.#ledger = new Ledger(plan.seeded);
    this.#run = receiver.keep(this.#ledger);
    this.#pool = new Pool(this.#url.origin, { connections: plan.connections, pipelining: 1 });
    this.#padding = incompressible(Math.max(0, plan.bytes - this.#body(0, false, "").length));
  }

  /** Resolves when all that was accepted has arrived, or the time for that is over. */
  async load(): Promise<void> {
    const { rate, drainSeconds } = this.#plan;
    this.#from = performance.now();
    await (rate === undefined ? this.#closedLoop() : this.#openLoop(rate));
    this.#until = performance.now();
    const givenUpAt = this.#until + drainSeconds * 1_000;
    while (!this.#ledger.complete && performance.now() < givenUpAt) await sleep(LOOK_EVERY_MS);
    await this.#pool.close();
  }

  /** What has come so far. */
  report(): Report {
    return this.#ledger.report(this.#from, this.#until, this.#from + this.#plan.warmUpSeconds * 1_000);
  }

  async #closedLoop(): Promise<void> {
    const { seconds, count = Number.POSITIVE_INFINITY, connections } = this.#plan;
    const end = this.#from + seconds * 1_000;
    let begun = 0;
    const one = async () => {
      while (begun < count && performance.now() < end) {
        begun++;
        await this.#post(performance.now());
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
  }

  async #openLoop(rate: number): Promise<void> {
    const everyMs = 1_000 / rate;
    const posts: Promise<void>[] = [];
    const most = Math.min(this.#plan.count ?? Number.POSITIVE_INFINITY, this.#plan.seconds * rate);
    for (let count = 0; count < most; count++) {
      const due = this.#from + count * everyMs;
      const wait = due - performance.now();
      if (wait > 1) await sleep(wait);
      posts.push(this.#post(due));
    }
    await Promise.all(posts);
  }

  async #post(due: number): Promise<void> {
    const slow = this.#isSlowOnesTurn();
    const number = this.#ledger.open(due, slow);
    const body = this.#body(number, slow, this.#padding);
    this.#ledger.sent(number);
    try {
      const answer = await this.#pool.request({
        method: "POST",
        path: this.#url.pathname,
        headers: this.#headers,
        body,
      });
      await answer.body.dump();
      if (answer.statusCode === 202) this.#ledger.accepted(number);
      else this.#ledger.refused(String(answer.statusCode));
    } catch (error) {
      this.#ledger.refused(error instanceof Error ? error.message : String(error));
    }
  }

  #body(number: number, slow: boolean, padding: string): string {
    const path = slow ? "slow/0" : `hook/${number % this.#plan.targets}`;
    return `{"target_url":"${this.#receiver.url}/${path}","payload":{"n":${number},"r":${this.#run},"padding":"${padding}"}}`;
  }

  /** Spread evenly among the others. */
  #isSlowOnesTurn(): boolean {
    this.#slowOwed += this.#plan.slowShare;
    if (this.#slowOwed < 1) return false;
    this.#slowOwed--;
    return true;
  }
}
