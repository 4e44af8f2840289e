import { isIP } from "node:net";
import type { buildConnector } from "undici/index.js";
import { STEPS, type Timing } from "../../core/outcome.ts";
import type { SteppedConnector } from "../targets/connector.ts";
import { readTolerantly } from "./tolerant-reading.ts";

/**
 * Makes connections and measures their steps. As soon as one is open, undici sends the request that it was opened for, and when it fails,
 * reports that: within the call that tells it so, and only then, `timing` is that connection's.
 */
export class Opening {
  timing: Timing | undefined;

  connector(connect: SteppedConnector): buildConnector.connector {
    return (options, callback) => {
      const [dns, connecting, tls] = STEPS;
      const steps = [
        ...(isIP(options.hostname) === 0 ? [dns] : []),
        connecting,
        ...(options.protocol === "https:" ? [tls] : []),
      ];
      const taken: { -readonly [Step in keyof Timing]: Timing[Step] } = {};
      let since = performance.now();
      // the last one ends the connection's making, or was under way when that failed
      const stepDone = () => {
        const step = steps.shift();
        const now = performance.now();
        if (step) taken[step] = tenths(now - since);
        since = now;
      };
      connect(
        options,
        (...made) => {
          if (made[1]) readTolerantly(made[1]);
          stepDone();
          this.timing = taken;
          try {
            callback(...made);
          } finally {
            this.timing = undefined;
          }
        },
        stepDone,
      );
    };
  }
}

export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
