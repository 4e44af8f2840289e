import { type buildConnector, Pool } from "undici/index.js";
import type { Way } from "../destination.ts";
import type { SteppedConnector } from "../targets/connector.ts";
import { Opening } from "./opening.ts";

/**
 * How many origins may have open connections at once; past this, those of the least recently used origin are closed as
 * soon as they are free. With several connections each, this is far below what an operating system allows a process.
 */
const MOST_ORIGINS = 1_000;

/** Below the 5 s that Node and others wait, so that the receiver rarely closes first. */
const IDLE_MS = 4_000;
/** A receiver may ask (`Keep-Alive: timeout=…`) for idle connections to be kept longer, up to this. */
const LONGEST_IDLE_MS = 30_000;

const MOST_HEADER_BYTES = 16 * 1024;

/** What connects that way. */
export type ConnectorFor = (way: Way) => SteppedConnector;

/**
 * The connections to each origin. undici's Agent does this too, but its sockets add up with the number of origins used
 * within the idle time, which a large fan-out can drive to the limit of open files.
 */
export class Origins {
  readonly opening = new Opening();
  readonly #pools = new Map<string, Pool>();
  /** Used last: it need not be moved to the end. */
  #newest = "";
  /** No longer handed out, but with requests to finish. */
  readonly #leaving = new Set<Pool>();
  readonly #connectorFor: ConnectorFor;
  /** Of those that go no way in particular: they share it, and with it the TLS sessions that it remembers. */
  readonly #connect: buildConnector.connector;
  readonly #connections: number;
  readonly #limit: number;

  constructor(connectorFor: ConnectorFor, connections: number, limit = MOST_ORIGINS) {
    this.#connectorFor = connectorFor;
    this.#connect = this.opening.connector(connectorFor({}));
    this.#connections = connections;
    this.#limit = limit;
  }

  get size(): number {
    return this.#pools.size;
  }

  /** @param way those that go another are kept apart; most go none in particular. */
  of(origin: string, way?: Way): Pool {
    const key = way ? `${origin} ${way.certificate?.id ?? ""} ${way.egress ?? ""}` : origin;
    const known = this.#pools.get(key);
    if (known && key === this.#newest) return known;
    const pool = known ?? this.#open(key, origin, way);
    if (known) this.#pools.delete(key);
    this.#pools.set(key, pool); // a Map keeps insertion order: the least recently used is first
    this.#newest = key;
    if (this.#pools.size > this.#limit) this.#leaveOldest();
    return pool;
  }

  async close(): Promise<void> {
    const all = [...this.#pools.values(), ...this.#leaving];
    this.#pools.clear();
    await Promise.all(all.map((pool) => pool.destroy()));
  }

  #open(key: string, origin: string, way: Way | undefined): Pool {
    const pool = new Pool(origin, {
      connect: way ? this.opening.connector(this.#connectorFor(way)) : this.#connect,
      connections: this.#connections,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: LONGEST_IDLE_MS,
      maxHeaderSize: MOST_HEADER_BYTES,
      // The caller's signal limits the wall-clock time; these would count only silence.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const leaveWhenUnused = () => {
      const { connected, size } = pool.stats;
      if (connected === 0 && size === 0) this.#leave(key, pool);
    };
    return pool.on("disconnect", leaveWhenUnused).on("connectionError", leaveWhenUnused);
  }

  #leaveOldest(): void {
    for (const [key, pool] of this.#pools) {
      this.#leave(key, pool);
      break;
    }
  }

  #leave(key: string, pool: Pool): void {
    if (this.#pools.get(key) !== pool) return;
    this.#pools.delete(key);
    this.#leaving.add(pool);
    const left = () => this.#leaving.delete(pool);
    pool.close().then(left, left);
  }
}
