import { signal } from "@preact/signals";
import type { ConsoleSession } from "../../../src/http/console/sign-in.ts";
import { Api } from "../../kit/api.ts";

/** The path that the API is mounted at: empty, or `/background`. */
export const base = document.documentElement.dataset.base ?? "";

/** Undefined until it was first asked for. */
export const session = signal<ConsoleSession | undefined>(undefined);

/** Whether the server answers, and since when it does not. */
export const connection = signal<{ readonly state: "live" | "lost"; readonly lastNews: number }>({
  state: "live",
  lastNews: Date.now(),
});

export const api = new Api({
  root: base,
  headers: () => ({ "posthorn-console": "1" }),
  heard(status) {
    connection.value =
      status === 0 ? { ...connection.peek(), state: "lost" } : { state: "live", lastNews: Date.now() };
    const before = session.peek();
    if (status === 401 && before) session.value = { ...before, signed_in: false };
  },
});

/** How far the server's clock is ahead of this machine's. */
let skewMs = 0;

/** The server's time: what is shown as relative never runs in the future because of a wrong clock here. */
export function serverNow(): number {
  return Date.now() + skewMs;
}

/** Asks for a change. */
export function tell<Answer>(path: string, body: unknown = {}, method = "POST"): Promise<Answer> {
  return api.send<Answer>(method, path, body);
}

/** Who looks, and what the server offers. */
export async function askSession(): Promise<void> {
  const answer = await api.get<ConsoleSession>("/console/session");
  skewMs = Date.parse(answer.now) - Date.now();
  session.value = answer;
}

/** Whether the server has this operation, as `GET /stats`, for somebody who sees as many tenants as the person looking. */
export function offers(operation: string): boolean {
  return session.value?.operations.includes(operation) ?? false;
}

const RANK = ["read", "send", "manage", "admin"];

/** Whether the person looking may do what requires this role. The server decides; the page only shows it. */
export function may(role: "read" | "send" | "manage" | "admin"): boolean {
  const own = session.value?.role;
  return own !== null && own !== undefined && RANK.indexOf(own) >= RANK.indexOf(role);
}
