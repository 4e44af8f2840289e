/**
 * Remembers which webhooks were handled. A webhook is claimed before its handler runs, and the claim becomes permanent only if the handler
 * succeeds. After a failure, or if the process dies and the claim expires, the next delivery is handled again.
 */
export interface OnceStore {
  /**
   * Claims a webhook. `claimed`: it is the caller's until `until`. `done`: it was handled before. `busy`: another process is handling it.
   * @param now in milliseconds since the epoch.
   */
  claim(id: string, now: number, until: number): Promise<"claimed" | "done" | "busy">;
  /** The webhook was handled. */
  done(id: string, now: number): Promise<void>;
  /** The webhook was not handled: gives up the claim, if it is still the one that expires at `until`. */
  release(id: string, until: number): Promise<void>;
}

export interface OnceOptions {
  /** How long ids are remembered, in days. Default 30, as long as Posthorn keeps what may be redelivered. */
  readonly keepDays?: number;
}

export interface TableOptions extends OnceOptions {
  /** The table's name; it is created if it does not exist. Default `webhooks_received`. */
  readonly table?: string;
}

const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

/** @throws TypeError */
export function keepMs(options: OnceOptions): number {
  if (typeof options !== "object" || options === null)
    throw new TypeError("options must be an object, such as { keepDays: 30 }");
  const { keepDays = 30 } = options;
  if (typeof keepDays === "number" && keepDays > 0) return keepDays * DAY_MS;
  throw new TypeError("keepDays must be a number greater than 0");
}

/** Whether it is time to forget what is old: each hour, as it happens. */
export class Pruning {
  #next = 0;

  isDue(now: number): boolean {
    if (now < this.#next) return false;
    this.#next = now + PRUNE_EVERY_MS;
    return true;
  }
}

/** @throws TypeError */
export function tableName({ table = "webhooks_received" }: TableOptions): string {
  if (typeof table === "string" && /^[a-z_]\w*(\.[a-z_]\w*)?$/i.test(table)) return table;
  throw new TypeError(`${JSON.stringify(table)} cannot be the name of a table`);
}

/** Remembers what was handled in memory, until the process ends: for tests, and where handling a webhook twice does no harm. */
export function memoryOnce(options: OnceOptions = {}): OnceStore {
  const keep = keepMs(options);
  const claims = new Map<string, { readonly until: number; readonly doneAt?: number }>();
  const pruning = new Pruning();
  return {
    async claim(id, now, until) {
      if (pruning.isDue(now))
        for (const [old, { doneAt }] of claims)
          if (doneAt !== undefined && doneAt < now - keep) claims.delete(old);
      const known = claims.get(id);
      if (known?.doneAt !== undefined) return "done";
      if (known && known.until > now) return "busy";
      claims.set(id, { until });
      return "claimed";
    },
    async done(id, now) {
      claims.set(id, { until: now, doneAt: now });
    },
    async release(id, until) {
      const known = claims.get(id);
      if (known?.until === until && known.doneAt === undefined) claims.delete(id);
    },
  };
}
