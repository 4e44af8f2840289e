import { signal } from "@preact/signals";
import type { ConsoleSession } from "../../../src/http/console/sign-in.ts";

/** The path that the API is mounted at: empty, or `/background`. */
export const base = document.documentElement.dataset.base ?? "";

/** Undefined until it was first asked for. */
export const session = signal<ConsoleSession | undefined>(undefined);

/** Whether the server answers, and since when it does not. */
export const connection = signal<{ readonly state: "live" | "lost"; readonly lastNews: number }>({
  state: "live",
  lastNews: Date.now(),
});

/** How far the server's clock is ahead of this machine's. */
let skewMs = 0;

/** The server's time: what is shown as relative never runs in the future because of a wrong clock here. */
export function serverNow(): number {
  return Date.now() + skewMs;
}

/** An answer that says why not, for people to read. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The text of an answer. @throws Refused, or an error of the network, which the connection's state shows. */
export async function askText(path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(base + path, {
    ...init,
    headers: { "posthorn-console": "1", ...init.headers },
  }).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "AbortError"))
      connection.value = { ...connection.peek(), state: "lost" };
    throw error;
  });
  connection.value = { state: "live", lastNews: Date.now() };
  const text = await answer.text();
  if (answer.ok) return text;
  if (answer.status === 401) session.value = { ...(session.peek() as ConsoleSession), signed_in: false };
  throw new Refused(answer.status, detailOf(text) ?? `the server answered ${answer.status}`);
}

/** The answer's JSON. @throws as askText. */
export async function ask<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const text = await askText(path, init);
  return (text === "" ? undefined : JSON.parse(text)) as Answer; // as the API describes it
}

/** Asks for a change. */
export function tell<Answer>(path: string, body: unknown = {}, method = "POST"): Promise<Answer> {
  return ask<Answer>(path, {
    method,
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
}

/** Who looks, and what the server offers. */
export async function askSession(): Promise<void> {
  const answer = await ask<ConsoleSession>("/console/session");
  skewMs = Date.parse(answer.now) - Date.now();
  session.value = answer;
}

/** Whether the server has this operation, as `GET /stats`. */
export function offers(operation: string): boolean {
  return session.value?.operations.includes(operation) ?? false;
}

const RANK = ["read", "send", "manage", "admin"];

/** Whether who looks may do what takes this role. The server decides; the page only shows it. */
export function may(role: "read" | "send" | "manage" | "admin"): boolean {
  const own = session.value?.role;
  return own !== null && own !== undefined && RANK.indexOf(own) >= RANK.indexOf(role);
}

function detailOf(text: string): string | undefined {
  try {
    const { detail, instance } = JSON.parse(text) as { detail?: string; instance?: string }; // a problem of RFC 9457
    return detail === undefined ? undefined : `${detail}${instance ? ` (${instance})` : ""}`;
  } catch {
    return undefined;
  }
}
