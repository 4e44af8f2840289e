import type { Cancel, Clock } from "../../core/clock.ts";
import { JobNotFoundError, OverloadedError } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import type { Jobs } from "../../engine/jobs.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Caller } from "../access/permission.ts";
import { eventText, newEvent } from "./event-stream.ts";
import { hasEnded } from "./waits.ts";

/** A comment this often tells proxies, and both sides, that the connection is alive. */
const HEARTBEAT_MS = 15_000;
/** How long a client whose connection broke waits before it comes back. */
const RECONNECT_MS = 2_000;

type WatchedJobs = Pick<Jobs, "get" | "watch">;

/** Who watches which job. */
interface Watch {
  readonly jobId: string;
  /** The state that the client knows already. */
  readonly knownId: string | undefined;
  readonly caller: Caller;
}

/** The open event streams: at most `most`, and all ended when the server stops. */
export class JobEvents {
  readonly #jobs: WatchedJobs;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #instrument: Instrument;
  readonly #open = new Set<JobStream>();
  #stopped = false;

  constructor(jobs: WatchedJobs, clock: Clock, most: number, instrument: Instrument) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#most = most;
    this.#instrument = instrument;
  }

  /**
   * A job's events, beginning with what is new to the client. They end when the caller's key is revoked.
   * @throws OverloadedError when too many are open, or the server stops.
   */
  open(watch: Watch): ReadableStream<Uint8Array> {
    if (this.#stopped) throw new OverloadedError("this server is shutting down; try again shortly", 5);
    if (this.#open.size >= this.#most)
      throw new OverloadedError("too many event streams are open; try again shortly", 5);
    const { "stream.opened": opened, "stream.closed": closed } = this.#instrument;
    const stream = new JobStream(this.#jobs, this.#clock, watch, () => {
      if (this.#open.delete(stream)) closed.publish({ of: "job" });
    });
    this.#open.add(stream);
    opened.publish({ of: "job" });
    return stream.bytes;
  }

  /** Ends every stream now, and refuses new ones: clients reconnect, and find another server. */
  stop(): void {
    this.#stopped = true;
    for (const stream of this.#open) stream.end();
  }
}

/**
 * One client's stream. It holds only the id of the state that was last sent: what a slow client does not read in time is
 * skipped, and it gets the state as it is by then.
 */
class JobStream {
  readonly bytes: ReadableStream<Uint8Array>;
  readonly #jobs: WatchedJobs;
  readonly #clock: Clock;
  readonly #watch: Watch;
  readonly #ended: () => void;
  #knownId: string | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #forget = () => {};
  #heartbeat: Cancel = () => {};
  #looking = false;
  /** Something may have changed since the job was last looked at. */
  #stale = true;

  constructor(jobs: WatchedJobs, clock: Clock, watch: Watch, ended: () => void) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#watch = watch;
    this.#knownId = watch.knownId;
    this.#ended = ended;
    this.bytes = new ReadableStream({
      start: (controller) => this.#start(controller),
      pull: () => this.#look(),
      cancel: () => this.#stop(),
    });
  }

  end(): void {
    const controller = this.#controller;
    this.#stop();
    controller?.close();
  }

  #start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    // before the first look, so that a change in between is not missed
    this.#forget = this.#jobs.watch(this.#watch.jobId, () => this.#changed());
    this.#write(`retry: ${RECONNECT_MS}\n\n`);
    this.#beatLater();
  }

  #stop(): void {
    this.#controller = undefined;
    this.#forget();
    this.#heartbeat();
    this.#ended();
  }

  #changed(): void {
    this.#stale = true;
    void this.#look();
  }

  /** One look at a time; a change meanwhile causes another look after it. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#stale && this.#hasRoom()) {
        this.#stale = false;
        const job = await this.#jobs.get(this.#watch.jobId);
        if (this.#controller) this.#tell(job);
      }
    } catch (error) {
      this.#stale = true; // the database is unavailable: the next heartbeat looks again
      if (error instanceof JobNotFoundError) this.end();
    } finally {
      this.#looking = false;
    }
  }

  #tell(job: Job): void {
    const event = newEvent(job, this.#knownId);
    if (event) this.#write(eventText(event));
    this.#knownId = event?.id ?? this.#knownId;
    if (hasEnded(job)) this.end();
  }

  #hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  #write(text: string): void {
    this.#controller?.enqueue(Buffer.from(text));
  }

  #beatLater(): void {
    this.#heartbeat = this.#clock.after(HEARTBEAT_MS, () => {
      if (this.#hasRoom()) this.#write(": still here\n\n");
      void this.#endUnlessAdmitted();
      void this.#look();
      this.#beatLater();
    });
  }

  /** While the database is unavailable, nobody is shut out. */
  async #endUnlessAdmitted(): Promise<void> {
    const isAdmitted = await this.#watch.caller.isStillAdmitted?.().catch(() => true);
    if (isAdmitted === false && this.#controller) this.end();
  }
}
