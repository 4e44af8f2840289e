/** Stops what it was handed out for; calling it again does nothing. */
export type Cancel = () => void;

/** Time, so that tests can drive it: everything that waits or stamps takes one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `action` once, `ms` from now. A pending one keeps the process alive only if it is told to. */
  after(ms: number, action: () => void, keepsAlive?: boolean): Cancel;
}

/** Node's timers fire at once past this many milliseconds (24.8 days), so a longer wait is taken in steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action, keepsAlive = false) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      const step = Math.min(left, LONGEST_TIMER_MS);
      timer = setTimeout(() => (left > step ? wait(left - step) : action()), step);
      if (!keepsAlive) timer.unref();
    };
    wait(Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};

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
