import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Server } from "../support/server.ts";

const CLIENTS = 12;
/** Between one request of a client and its next: some fifty a second in all. */
const PAUSE_MS = 200;
/** Each client has targets of its own, so that there are lanes enough. */
const TARGETS = 40;
/** No answer takes longer, whatever is broken behind the server. */
const PATIENCE_MS = 60_000;

const accepted = z.object({ job_id: z.string() });

/** Clients that ask one API server after the other for deliveries, and remember what was answered 202. */
export class Load {
  /** By job id: what has to be delivered. */
  readonly accepted = new Map<string, string>();
  /** How often each other status was answered; 0 stands for a connection that broke without an answer. */
  readonly refused = new Map<number, number>();
  /** 503 without a Retry-After, and whatever else no client should be answered. */
  readonly wrongAnswers: string[] = [];
  slowestAnswerMs = 0;
  readonly #servers: readonly Pick<Server, "url">[];
  readonly #target: string;
  readonly #pauseMs: number;
  readonly #clients: Promise<void>[];
  #stopped = false;
  #posted = 0;
  #acceptedAt = 0;

  constructor(servers: readonly Pick<Server, "url">[], target: string, pauseMs = PAUSE_MS) {
    this.#pauseMs = pauseMs;
    this.#servers = servers;
    this.#target = target;
    this.#clients = Array.from({ length: CLIENTS }, (_, client) => this.#run(client));
  }

  /** When a job was last accepted, on the clock of `performance.now()`. */
  get acceptedAt(): number {
    return this.#acceptedAt;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #run(client: number): Promise<void> {
    for (let turn = client; !this.#stopped; turn++) {
      await this.#post(this.#servers[turn % this.#servers.length]?.url ?? "");
      await pause(this.#pauseMs);
    }
  }

  async #post(url: string): Promise<void> {
    const n = ++this.#posted;
    const payload = JSON.stringify({ n });
    const begun = performance.now();
    try {
      const answer = await fetch(`${url}/webhooks/deliver`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"target_url":"${this.#target}/${n % TARGETS}","payload":${payload}}`,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await answer.text();
      if (answer.status === 202) {
        this.accepted.set(accepted.parse(JSON.parse(text)).job_id, payload);
        this.#acceptedAt = performance.now();
      } else this.#refuse(answer.status, answer.headers.get("retry-after"), text);
    } catch (error) {
      if (!(error instanceof TypeError)) this.wrongAnswers.push(`no answer: ${error}`);
      else this.#refuse(0, null, "");
    }
    this.slowestAnswerMs = Math.max(this.slowestAnswerMs, performance.now() - begun);
  }

  #refuse(status: number, retryAfter: string | null, text: string): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
    if (status === 0 || (status === 503 && Number(retryAfter) > 0)) return;
    this.wrongAnswers.push(`${status} ${text}`);
  }
}
