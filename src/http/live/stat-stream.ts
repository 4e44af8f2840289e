import { OverloadedError } from "../../core/errors.ts";
import { pointOf } from "../../engine/statistics/fleet-reports.ts";
import type { StatReports } from "../../engine/statistics/report.ts";
import type { Second } from "../../engine/statistics/statistics.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Caller } from "../access/permission.ts";
import { statNowView, statPointView } from "../answer/stats-view.ts";

const MOST_VIEWERS = 100;
/** How often to check whether viewers are still let in. */
const SECONDS_BETWEEN_CHECKS = 15;

type Viewer = ReadableStreamDefaultController<Uint8Array>;

/**
 * Sends statistics to all viewers each second. They are put together once a second, and not at all without viewers. A viewer that does not
 * read in time misses seconds and gets the next one.
 */
export class StatStream {
  readonly #reports: () => StatReports;
  readonly #instrument: Instrument;
  readonly #viewers = new Map<Viewer, Caller>();
  #seconds = 0;
  #isStopped = false;
  #unwatch: (() => void) | undefined;

  constructor(reports: () => StatReports, instrument: Instrument) {
    this.#reports = reports;
    this.#instrument = instrument;
  }

  /** @throws OverloadedError when a hundred look already, or the server stops. */
  open(caller: Caller): ReadableStream<Uint8Array> {
    if (this.#isStopped) throw new OverloadedError("this server is shutting down; try again shortly", 5);
    if (this.#viewers.size >= MOST_VIEWERS)
      throw new OverloadedError("too many statistics streams are open; try again shortly");
    let viewer: Viewer;
    return new ReadableStream({
      start: (controller) => {
        viewer = controller;
        this.#viewers.set(viewer, caller);
        this.#instrument["stream.opened"].publish({ of: "statistics" });
        this.#unwatch ??= this.#reports().live.watch((second) => void this.#tell(second));
      },
      cancel: () => this.#leave(viewer),
    });
  }

  /** Ends all streams, and refuses new ones, which would keep the server from stopping. */
  stop(): void {
    this.#isStopped = true;
    for (const viewer of this.#viewers.keys()) {
      viewer.close();
      this.#leave(viewer);
    }
  }

  async #tell(second: Second): Promise<void> {
    const now = await this.#reports()
      .now()
      .then(statNowView, () => null); // the database may be away: the seconds go on
    const data = JSON.stringify({ ...statPointView(pointOf(second)), now });
    const bytes = new TextEncoder().encode(`event: tick\ndata: ${data}\n\n`);
    for (const viewer of this.#viewers.keys()) if ((viewer.desiredSize ?? 0) > 0) viewer.enqueue(bytes);
    this.#seconds++;
    if (this.#seconds % SECONDS_BETWEEN_CHECKS === 0) await this.#dismiss();
  }

  /** Those whose key was revoked meanwhile. */
  async #dismiss(): Promise<void> {
    for (const [viewer, caller] of this.#viewers) {
      const isAdmitted = caller.isStillAdmitted ? await caller.isStillAdmitted().catch(() => true) : true; // the database may be away
      if (isAdmitted || !this.#viewers.has(viewer)) continue;
      viewer.close();
      this.#leave(viewer);
    }
  }

  #leave(viewer: Viewer): void {
    if (this.#viewers.delete(viewer)) this.#instrument["stream.closed"].publish({ of: "statistics" });
    if (this.#viewers.size === 0) this.#rest();
  }

  #rest(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
