import { signal } from "@preact/signals";
import { Api } from "../kit/api.ts";
import { route } from "../kit/router.ts";
import type { Endpoint } from "./answers.ts";
import { codeIn } from "./code-in.ts";

/** Who looks at the page, and what they may do. */
export interface Session {
  readonly token: string;
  readonly tenant_id: string;
  readonly capabilities: readonly string[];
  /** The only types that it is for; null for all. */
  readonly event_types: readonly string[] | null;
  /** Where the next session comes from. */
  readonly refresh_url: string | null;
  /** Of the only page that may be around this one. */
  readonly origin: string | null;
  readonly expires_at: string;
  /** How long it lasts from when it was fetched. */
  readonly expires_in_ms: number;
}

/** With its end by this browser's clock, which may be wrong by more than a session lasts. */
interface Kept extends Session {
  readonly endsAt: number;
}

/** Undefined until we know; null without a session, or once it is over. */
export const session = signal<Session | null | undefined>(undefined);

/** In no frame. */
const isAlone = parent === window;
/** The origin of the page that this one is shown in; null if it may be any that the server allows. */
let parentOrigin: string | null = null;
const STORED = "posthorn-portal";
const RENEWED_BEFORE_MS = 60_000;
/** Of the API: the page stands at `/portal` below it. */
const root = location.pathname.replace(/\/portal\/?$/, "");

export const api = new Api({
  root,
  headers: (): Record<string, string> =>
    session.value ? { authorization: `Bearer ${session.value.token}` } : {},
  heard(status) {
    if (status !== 401 || !session.value) return;
    renew(session.value); // it was revoked
    keep(null);
  },
});
/** For those without a session. */
const door = new Api({ root, headers: () => ({}) });

export function may(capability: string): boolean {
  return session.value?.capabilities.includes(capability) ?? false;
}

/** Whether the session may change how an endpoint is sent to: not if that also gets event types that the session does not show. */
export function mayOperate({ sees_all_event_types = true }: Pick<Endpoint, "sees_all_event_types">): boolean {
  return may("endpoints") && sees_all_event_types;
}

/** A path below the tenant that the session is for. */
export function own(path: string): string {
  return `/tenants/${session.value?.tenant_id ?? ""}${path}`;
}

/** Takes the code from the address, where it stands only for a moment, or continues the session that this tab has. */
export async function begin(): Promise<void> {
  const code = codeIn(location.hash);
  if (code !== undefined) {
    const next = new URLSearchParams(location.search).get("next") ?? "/";
    history.replaceState(
      null,
      "",
      `${location.pathname}${location.search}#${next.startsWith("/") ? next : "/"}`,
    );
    dispatchEvent(new HashChangeEvent("hashchange"));
    await exchange(code);
  } else keep(stored());
  addEventListener("message", renewed);
  // another link of this portal, opened in its tab
  addEventListener("hashchange", () => codeIn(location.hash) !== undefined && location.reload());
}

async function exchange(code: string): Promise<void> {
  try {
    const fetched = await door.send<Session>("POST", "/portal/token", { code });
    keep({ ...fetched, endsAt: Date.now() + fetched.expires_in_ms });
  } catch {
    if (!session.value) keep(null); // otherwise it lasts until its end, with what is being typed
  }
}

function keep(given: Kept | null): void {
  if (given) parentOrigin = given.origin;
  const isOver = given !== null && given.endsAt <= Date.now();
  if (isOver) renew(given);
  session.value = isOver || !isWhereMeant() ? null : given;
  try {
    if (session.value) sessionStorage.setItem(STORED, JSON.stringify(session.value));
    else sessionStorage.removeItem(STORED);
  } catch {
    // a frame may have no storage; then the session lasts as long as the page
  }
  if (given && session.value) watchEnd(given);
}

function stored(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? "null") as Kept | null; // only `keep` writes it
  } catch {
    return null;
  }
}

function isWhereMeant(): boolean {
  const around = isAlone ? undefined : (location.ancestorOrigins?.[0] ?? originOf(document.referrer));
  return parentOrigin === null || around === undefined || around === parentOrigin;
}

/**
 * Of the page around this one, as some browsers only say by which page this one was asked for. Where that is kept secret, the server's own
 * list has to do. A reload of the frame keeps it.
 */
function originOf(address: string): string | undefined {
  const { origin } = URL.parse(address) ?? {};
  return origin === location.origin ? undefined : origin;
}

/** Goes to where the next session comes from, and says which page was open. In a frame, the page around it is asked instead. */
function renew({ refresh_url }: Session): void {
  if (refresh_url === null || !isAlone) return;
  const next = new URL(refresh_url);
  next.searchParams.set("next", route.value);
  location.replace(next.href);
}

/** The page around this one is asked for another session before this one ends. */
function watchEnd(kept: Kept): void {
  const { expires_at, endsAt, token } = kept;
  const left = endsAt - Date.now();
  const wait = (ms: number, act: () => void) => setTimeout(act, Math.max(0, Math.min(ms, 2 ** 31 - 1)));
  // not at once, or a short session would be followed by the next without end
  wait(left - Math.min(RENEWED_BEFORE_MS, left / 2), () => {
    if (session.value?.token === token) tellParent({ type: "posthorn:expiring", expiresAt: expires_at });
  });
  wait(left, () => {
    if (session.value?.token !== token) return;
    renew(kept);
    keep(null);
  });
}

/** Nothing in it is secret: the height of the page, or that the session ends soon. */
export function tellParent(message: unknown): void {
  if (!isAlone) parent.postMessage(message, parentOrigin ?? "*");
}

/** A code is of use only once, and anyone who has one may come in, so it may only come from the page around this one. */
function renewed({ source, origin, data }: MessageEvent<unknown>): void {
  if (source !== parent || isAlone || origin !== (parentOrigin ?? origin)) return;
  if (typeof data !== "object" || data === null) return;
  const { type, code } = data as { readonly type?: unknown; readonly code?: unknown };
  if (type === "posthorn:session" && typeof code === "string") void exchange(code);
}
