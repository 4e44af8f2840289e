import { isError, messageOf, PosthornError } from "../../core/errors.ts";
import type { Address } from "../terminal/values.ts";

export interface HealthOptions extends Address {
  readonly url?: string;
  readonly metricsListen?: Address;
}

/** Probes are repeated soon anyway. */
const PATIENCE_MS = 5_000;

/** The process that was asked is not there, or not ready. */
class NotReadyError extends PosthornError {
  readonly code = "not_ready";
}

/** @throws NotReadyError unless what is asked answers that all is well. */
export async function health(options: HealthOptions): Promise<void> {
  const url = options.url === undefined ? readyUrl(options.metricsListen ?? options) : readyAt(options.url);
  const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) }).catch(
    (error) => {
      throw new NotReadyError(`${url} does not answer: ${reasonOf(error)}`, { cause: error });
    },
  );
  const text = await answer.text().catch(() => "");
  if (!answer.ok) throw new NotReadyError(`${url} answers ${answer.status}: ${detailIn(text)}`);
}

/** What a server says of itself, where nothing but the server is named. */
function readyAt(url: string): string {
  return new URL(url).pathname === "/" ? new URL("readyz", url).href : url;
}

/** What listens on all addresses is asked on this machine's own. */
function readyUrl({ host, port }: Address): string {
  const asked = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${asked.includes(":") ? `[${asked}]` : asked}:${port}/readyz`;
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  return messageOf(isError(error) && isError(error.cause) ? error.cause : error);
}

/** An API answers with problem details. */
function detailIn(text: string): string {
  const [, detail] = /"detail":"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
  return detail ?? text.trim();
}
