/**
 * Remembers which webhooks were handled. A webhook is claimed before its handler runs, and the claim becomes lasting only when the handler
 * has succeeded: after a failure, or when the process died and the claim has run out, the next delivery is handled again.
 */
export interface OnceStore {
  /**
   * `claimed`: it is the caller's, until then. `done`: it was handled before. `busy`: somebody else is handling it.
   * @param now in milliseconds since the epoch.
   */
  claim(id: string, now: number, until: number): Promise<"claimed" | "done" | "busy">;
  /** It was handled. */
  done(id: string, now: number): Promise<void>;
  /** It was not: gives the claim up, if it is still the one that lasts until then. */
  release(id: string, until: number): Promise<void>;
}

export interface OnceOptions {
  /** How long what was handled is remembered, in days. Default 30: as long as Posthorn keeps what may be redelivered. */
  readonly keepDays?: number;
}

export interface TableOptions extends OnceOptions {
  /** Made when it does not exist. Default `webhooks_received`. */
  readonly table?: string;
}

const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

export function keepMs({ keepDays = 30 }: OnceOptions): number {
  if (keepDays > 0) return keepDays * DAY_MS;
  throw new TypeError("keepDays must be more than 0");
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
  if (/^[a-z_]\w*(\.[a-z_]\w*)?$/i.test(table)) return table;
  throw new TypeError(`${JSON.stringify(table)} cannot be the name of a table`);
}

/** For one process, and until it ends: for tests, and where handling twice does no harm. */
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
