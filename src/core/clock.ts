/** Stops what it was handed out for; calling it again does nothing. */
export type Cancel = () => void;

/** Time, so that tests can drive it: everything that waits or stamps takes one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `action` once, `ms` from now. A pending one keeps the process alive only if it is told to. */
  after(ms: number, action: () => void, keepsAlive?: boolean): Cancel;
}

/** Clocks of different machines are assumed to differ by less than this. */
export const SKEW_MS = 60_000;

/**
 * Whether a time that was at most `mostMs` ahead when it was set is still to come. If it is further ahead now, the clock was set back
 * since, and waiting for it would take as long as the clock had been ahead.
 */
export function isToCome(at: number, now: number, mostMs: number): boolean {
  return at > now && at <= now + mostMs + SKEW_MS;
}

/** Node's timers fire at once past this many milliseconds (24.8 days), so a longer wait is taken in steps. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action, keepsAlive = false) {
    if (ms > LONGEST_TIMER_MS) return afterSteps(ms, action, keepsAlive);
    const timer = setTimeout(action, Math.max(0, ms));
    if (!keepsAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};

function afterSteps(ms: number, action: () => void, keepsAlive: boolean): Cancel {
  let cancel = systemClock.after(
    LONGEST_TIMER_MS,
    () => {
      cancel = systemClock.after(ms - LONGEST_TIMER_MS, action, keepsAlive);
    },
    keepsAlive,
  );
  return () => cancel();
}

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #now: number;
  #pending: { at: number; action: () => void }[] = [];

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): Cancel {
    const entry = { at: this.#now + Math.max(0, ms), action };
    this.#pending.push(entry);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== entry);
    };
  }

  /** Moves time on and runs what falls due on the way, in order, each at its own moment. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#pending.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#pending = this.#pending.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = end;
  }
}
