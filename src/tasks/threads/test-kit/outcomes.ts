import { discard, retryAt, snooze } from "../../outcomes.ts";

const returned: Record<string, () => unknown> = {
  nothing: () => undefined,
  discard: () => discard("gone"),
  retryAfter: () => retryAt("90s", "busy"),
  retryAt: () => retryAt(new Date(Date.now() + 3_600_000), "later"),
  snooze: () => snooze("1m"),
  function: () => () => {},
  throw: () => {
    throw new RangeError("out of range");
  },
  throwOdd: () => {
    throw () => {};
  },
};

/** Returns, or throws, what it is asked for. */
export default async function outcomes(which: string): Promise<unknown> {
  return returned[which]?.();
}
