import { parseTies } from "../../../core/ties.ts";
import type { ClaimRound } from "../../claim-round.ts";
import { TenantPositions } from "../../lane-order.ts";
import type { LeasedJob } from "../../queue.ts";
import { FIRST_TURN, LATER_TURN } from "../../turns.ts";
import { heard, type Session, statement } from "../driver/statement.ts";
import { jobIdOf } from "../job-id.ts";
import { Horizon } from "../partitions/horizon.ts";
import { originOf } from "./origin.ts";
import { TAKE, type TakenRow, type WalkRow } from "./take.ts";
import type { Tokens } from "./tokens.ts";

const PEEK = statement<{ is_there: boolean }>("select exists (select from posthorn.ready) as is_there");

const LOWEST = -2_147_483_648;

/**
 * Claims jobs by walking the lanes that have work, a few jobs from each, from where the last claim stopped: a lane with
 * 100 000 jobs costs its neighbours nothing.
 */
export class Claims {
  readonly #tokens: Tokens;
  /** By priority and turn: where the next walk begins. */
  readonly #from = new Map<string, string>();
  /** By priority and turn: where it goes on within tenants. */
  readonly #positions = new Map<string, TenantPositions>();
  /** By priority: whose turn it was last. */
  readonly #lastTurn = new Map<number, number>();
  readonly #horizon = new Horizon();
  #expectsWork = true;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  /** Whether something was ready when it was last looked for, or a commit of this process has made something ready since. */
  get expectsWork(): boolean {
    return this.#expectsWork;
  }

  /** Something was made ready, or seen to be. */
  expectWork(): void {
    this.#expectsWork = true;
  }

  /** Whether anything is ready. This costs a tenth of a walk that finds nothing. */
  look(session: Session): Promise<boolean> {
    return heard(session.run(PEEK).then(([look]) => look?.is_there === true));
  }

  /** Claims as much as allowed. Unless it was cut short, the room left over belongs to lanes with nothing ready. */
  async walk(session: Session, round: ClaimRound): Promise<void> {
    if (!this.#expectsWork && !(await this.look(session))) return;
    let from = LOWEST;
    while (round.left > 0) {
      const walked = await this.#pass(session, round, from);
      if (!walked && from === LOWEST) this.#expectsWork = false;
      if (!walked) break;
      from = walked.isUnfinished ? walked.priority : walked.priority + 1;
      if (!walked.isUnfinished && !walked.hasMore) break;
    }
  }

  /** Undefined when nothing is ready at this priority or a lower one. */
  async #pass(session: Session, round: ClaimRound, from: number) {
    const { request, left } = round;
    const first = await this.#tokens.take(session, left);
    const { now } = round;
    const rows = await session.run(
      TAKE,
      from,
      JSON.stringify(Object.fromEntries(this.#from)),
      JSON.stringify(Object.fromEntries(this.#lastTurn)),
      JSON.stringify(round.rooms()),
      request.room.byDefault,
      left,
      round.bytesLeft,
      first,
      request.worker.id,
      now,
      this.#horizon.from(round.now),
      this.#positionsNext(left),
    );
    const priority = rows[0]?.level;
    if (priority === null || priority === undefined) return undefined;
    const { first_cut_at, later_cut_at, tenants_cut_at, has_more, older } = rows[0] ?? {};
    if (older) this.#horizon.reach(older, round.now);
    const taken = rows.filter((row): row is WalkRow & TakenRow => typeof row.id === "string");
    for (const row of taken) round.took(this.#leased(row, first + row.n, now));
    this.#remember(priority, taken);
    if (first_cut_at) this.#from.set(`${priority} ${FIRST_TURN}`, first_cut_at);
    if (later_cut_at) this.#from.set(`${priority} ${LATER_TURN}`, later_cut_at);
    for (const [place, lane] of Object.entries(tenants_cut_at ?? {})) {
      const [turn = "", tenant = ""] = place.split(" ");
      this.#goOnAfter(`${priority} ${turn}`, tenant, lane);
    }
    if (first_cut_at || later_cut_at) round.cutShort = true;
    const mayHaveMore = hasFullStop(taken) && taken.some(({ lane }) => round.roomOf(lane) > 0);
    const isUnfinished = mayHaveMore || typeof older === "string";
    return { priority, isUnfinished, hasMore: has_more === true };
  }

  /** Where the next walk goes on. */
  #remember(priority: number, taken: readonly TakenRow[]): void {
    let last: TakenRow | undefined;
    const furthest = new Map<number, number>();
    for (const row of taken) {
      const { turn, tenant, lane, visit } = row;
      if (tenant !== null) this.#goOnAfter(`${priority} ${turn}`, tenant, lane);
      if (visit < (furthest.get(turn) ?? 0)) continue;
      furthest.set(turn, visit);
      this.#from.set(`${priority} ${turn}`, row.goes_on_at);
      if (!last || visit > last.visit) last = row;
    }
    if (last) this.#lastTurn.set(priority, last.turn);
  }

  #goOnAfter(place: string, tenant: string, lane: string): void {
    const positions = this.#positions.get(place) ?? new TenantPositions();
    this.#positions.set(place, positions);
    positions.set(tenant, `${lane}\u0001`);
  }

  /** Of as many tenants as a walk may come to, as JSON: some that it comes to are new, or have one lane. */
  #positionsNext(limit: number): string {
    if (this.#positions.size === 0) return "{}";
    const next: Record<string, string> = {};
    for (const [place, positions] of this.#positions)
      for (const [tenant, from] of positions.next(this.#from.get(place) ?? "", 2 * limit))
        next[`${place} ${tenant}`] = from;
    return JSON.stringify(next);
  }

  #leased(row: TakenRow, token: number, now: number): LeasedJob {
    return {
      handle: token,
      id: jobIdOf(row.id),
      task: row.task,
      lane: row.lane,
      priority: row.priority,
      options: row.options,
      payload: row.payload,
      maxAttempts: row.max_attempts,
      createdAt: row.created_at,
      dueAt: row.due_at,
      startedAt: row.started_at ?? now,
      token,
      attempts: row.attempts + 1,
      failures: row.failures,
      losses: row.losses,
      ties: parseTies(row.ties),
      origin: originOf(row.origin),
    };
  }
}

/** Whether a stop returned as many jobs as were asked for, and so may have more. */
function hasFullStop(taken: readonly TakenRow[]): boolean {
  const counts = new Map<string, number>();
  return taken.some(({ turn, lane, wanted }) => {
    const stop = `${turn} ${lane}`;
    const count = (counts.get(stop) ?? 0) + 1;
    counts.set(stop, count);
    return count >= wanted;
  });
}
