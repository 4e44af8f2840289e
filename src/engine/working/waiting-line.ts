import { tenantOf } from "../../store/lane-order.ts";
import type { LeasedJob } from "../../store/queue.ts";

/** How many turns are remembered before past ones are forgotten. */
const MOST_TURNS = 1_000;

/**
 * Claimed jobs that wait for a slot. Tenants, and lanes that are nobody's, take turns: what comes from one with hundreds waiting stands
 * behind what comes from one with none, so that nobody waits for another's flood. What one of them has keeps its order, and no job
 * passes over one of another priority. (Start-time fair queueing: Goyal, Vin and Cheng, IEEE/ACM Transactions on Networking 5(5), 1997.)
 */
export class WaitingLine {
  readonly #jobs: LeasedJob[] = [];
  /** When each job came, and its turn, in their order. */
  readonly #since: number[] = [];
  readonly #turns: number[] = [];
  /** The latest that has begun. */
  #turn = 0;
  /** The last turn given to each tenant or lane. */
  readonly #lastTurns = new Map<string, number>();

  /** In the order in which they may begin. */
  get jobs(): readonly LeasedJob[] {
    return this.#jobs;
  }

  add(job: LeasedJob, now: number): void {
    const turn = this.#nextTurnOf(tenantOf(job.lane) ?? job.lane);
    let at = this.#jobs.length;
    while (at > 0 && this.#mayPass(job, turn, at - 1)) at--;
    this.#jobs.splice(at, 0, job);
    this.#since.splice(at, 0, now);
    this.#turns.splice(at, 0, turn);
  }

  /** Takes the one at this place out, to begin it. */
  begin(at: number): LeasedJob | undefined {
    this.#turn = Math.max(this.#turn, this.#turns[at] ?? 0);
    return this.remove(at);
  }

  remove(at: number): LeasedJob | undefined {
    this.#since.splice(at, 1);
    this.#turns.splice(at, 1);
    return this.#jobs.splice(at, 1)[0];
  }

  /** Those that have waited for so long. */
  waitingFor(ms: number, now: number): readonly LeasedJob[] {
    return this.#jobs.filter((_, at) => {
      const since = this.#since[at] ?? 0;
      return since <= now - ms || since > now; // the clock was set back
    });
  }

  #mayPass(job: LeasedJob, turn: number, at: number): boolean {
    return (this.#turns[at] ?? 0) > turn && this.#jobs[at]?.priority === job.priority;
  }

  #nextTurnOf(who: string): number {
    const turn = Math.max(this.#turn, this.#lastTurns.get(who) ?? 0) + 1;
    this.#lastTurns.set(who, turn);
    if (this.#lastTurns.size > MOST_TURNS) this.#forget();
    return turn;
  }

  /** Forgets tenants and lanes without a turn to come: they start with the next turn, as if they were new. */
  #forget(): void {
    for (const [who, turn] of this.#lastTurns) if (turn <= this.#turn) this.#lastTurns.delete(who);
  }
}
