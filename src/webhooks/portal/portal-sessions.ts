import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { DAY_MS, type Duration, durationText, HOUR_MS, parseDuration } from "../../core/duration.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import { eventTypeOf } from "../../core/names.ts";
import { collectProblems, textOf, unknownOptions, wrong } from "../../core/options.ts";
import type { Audit } from "../../engine/audit/audit.ts";
import { MOST_TYPES } from "../../engine/bulk/check-request.ts";
import { isSameSecret, newToken, readToken } from "../../secrets/opaque-token.ts";
import type { PortalPass, PortalSessionShelf } from "../../store/shelves/portal-sessions.ts";
import type { Tenants } from "../tenants/tenants.ts";
import { BY_DEFAULT, CAPABILITIES, type Capability } from "./capabilities.ts";

/** Long enough to open a page, even from a message that is read a little later. */
const CODE_MS = 600_000;
const DEFAULT_MS = HOUR_MS;
const SHORTEST_MS = 60_000;
const LONGEST_MS = 7 * DAY_MS;
const MOST_FLAGS = 50;
const LONGEST_URL = 2_000;
const WEB: ReadonlySet<string> = new Set(["https:", "http:"]);
const SESSION_ID = /^[A-Za-z0-9\-_.]{1,256}$/;
const OPTIONS = [
  "expiresIn",
  "capabilities",
  "featureFlags",
  "eventTypes",
  "refreshUrl",
  "origin",
  "sessionId",
] as const satisfies readonly (keyof PortalSessionOptions)[];

export interface PortalSessionOptions {
  /** How long the session lasts, from 1m to 7d. Default 1h. */
  readonly expiresIn?: Duration;
  /** What the session may do. Default: everything except `limits`. */
  readonly capabilities?: readonly Capability[];
  /**
   * Feature flags, at most 50: of the event types with feature flags, only those with one of these are shown. Default: all are shown. Set
   * by Svix's API.
   */
  readonly featureFlags?: readonly string[];
  /**
   * The only event types that the session shows, and that endpoints can be set to: 1 to 100 names. Other events of the tenant and their
   * deliveries are not shown. Default: all types.
   */
  readonly eventTypes?: readonly string[];
  /** Your page that creates another session when this one ends: an http or https URL. Default: the portal says that the session is over. */
  readonly refreshUrl?: string;
  /** The only origin whose pages may show the portal in a frame. Default: any that the server allows. */
  readonly origin?: string;
  /** A name of your own by which to end the session, such as your own session's id: at most 256 letters, digits, `-`, `_`, `.`. */
  readonly sessionId?: string;
}

/** A session that was just created. Its code and token are returned only here. */
export interface NewPortalSession {
  readonly sessionId: string;
  /** For the portal's URL: it can be exchanged for a token once, within ten minutes. */
  readonly code: string;
  /** For requests to the API, as a bearer token. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** Who holds a token. */
export interface PortalSession {
  readonly sessionId: string;
  /** The tenant's id. */
  readonly tenant: string;
  readonly capabilities: readonly Capability[];
  /** Undefined if all event types are shown. */
  readonly featureFlags: readonly string[] | undefined;
  /** Undefined if it is for all event types. */
  readonly eventTypes: readonly string[] | undefined;
  readonly refreshUrl: string | undefined;
  readonly origin: string | undefined;
  readonly expiresAt: Date;
}

export interface PortalSessionParts {
  readonly shelf: PortalSessionShelf;
  readonly tenants: Pick<Tenants, "get">;
  readonly clock: Clock;
  readonly audit: Pick<Audit, "act">;
}

/** Sessions in which a tenant's own people can manage its endpoints, and nothing else. */
export class PortalSessions {
  readonly #parts: PortalSessionParts;

  constructor(parts: PortalSessionParts) {
    this.#parts = parts;
  }

  /**
   * Creates a session for a tenant.
   * @param tenant its id or uid.
   * @throws InvalidInputError naming what is wrong; NotFoundError when there is no such tenant.
   * @example
   * const { code } = await posthorn.webhooks.portal.create("acme", { expiresIn: "2h" });
   * const url = `https://hooks.example.com/portal#s=${code}`;
   */
  async create(tenant: string, options: PortalSessionOptions = {}, by?: By): Promise<NewPortalSession> {
    const { lastsMs, capabilities, featureFlags, eventTypes, refreshUrl, origin, sessionId } = read(options);
    const { id } = await this.#parts.tenants.get(tenant);
    const now = this.#parts.clock.now();
    const session = sessionId ?? newId("pss", now);
    const expiresAt = now + lastsMs;
    const [code, token] = [newToken("phc"), newToken("phs")];
    const shared = {
      tenant: id,
      session,
      capabilities: JSON.stringify(capabilities),
      featureFlags: featureFlags ? JSON.stringify(featureFlags) : null,
      eventTypes: eventTypes ? JSON.stringify(eventTypes) : null,
      refreshUrl: refreshUrl ?? null,
      origin: origin ?? null,
      expiresAt,
      createdAt: now,
    };
    const change = {
      capabilities: [null, capabilities],
      ...(eventTypes && { eventTypes: [null, eventTypes] as const }),
      expiresAt: [null, new Date(expiresAt)],
    } as const;
    const act = this.#parts.audit.act(by, {
      ...{ action: "portal_session.create", target: session, tenant: id, change },
    });
    await this.#parts.shelf.add(
      [
        {
          ...shared,
          id: code.id,
          kind: "code",
          hash: code.hash,
          usableUntil: Math.min(now + CODE_MS, expiresAt),
        },
        { ...shared, id: token.id, kind: "token", hash: token.hash, usableUntil: expiresAt },
      ],
      now,
      act.row,
    );
    act.done();
    return { sessionId: session, code: code.token, token: token.token, expiresAt: new Date(expiresAt) };
  }

  /**
   * Exchanges a code for a token, which uses the code up. Undefined if the code was used before or has expired, or its session has ended.
   */
  async exchange(code: string): Promise<(PortalSession & { readonly token: string }) | undefined> {
    const given = readToken("phc", code);
    if (!given) return undefined;
    // the pass keeps its id, so the token is found by what the code was found by
    const { hash, token } = newToken("phs", given.id);
    const pass = await this.#parts.shelf.exchange(given.id, given.hash, hash, this.#parts.clock.now());
    return pass && { ...shown(pass), token };
  }

  /** Who holds a token; undefined if nobody does, or no longer. */
  async authenticate(token: string): Promise<PortalSession | undefined> {
    const given = readToken("phs", token);
    const pass = given && (await this.#parts.shelf.find(given.id));
    if (pass?.kind !== "token" || !isSameSecret(pass.hash, given?.hash ?? "")) return undefined;
    return pass.usableUntil > this.#parts.clock.now() ? shown(pass) : undefined;
  }

  /**
   * Ends a tenant's session with this id, or all of its sessions: their tokens are refused from the next request on.
   * @returns whether there was any.
   * @throws InvalidInputError for an id that is not a string; NotFoundError when there is no such tenant.
   */
  async end(tenant: string, sessionId?: string, by?: By): Promise<boolean> {
    if (sessionId !== undefined) textOf(sessionId, ["sessionId"]);
    const { id } = await this.#parts.tenants.get(tenant);
    const act = this.#parts.audit.act(by, {
      ...{ action: "portal_session.end", target: sessionId ?? "all", tenant: id },
    });
    const ended = await this.#parts.shelf.end(id, sessionId, act.row);
    if (ended > 0) act.done();
    return ended > 0;
  }
}

function read(options: PortalSessionOptions) {
  const problems = unknownOptions(options, OPTIONS);
  const { expiresIn, capabilities = BY_DEFAULT, featureFlags, sessionId } = options;
  const { eventTypes: types, refreshUrl: address, origin: around } = options;
  const lastsMs = collectProblems(problems, () => lastingOf(expiresIn));
  if (!Array.isArray(capabilities) || capabilities.length === 0)
    problems.push({ path: ["capabilities"], detail: `must be a list of ${CAPABILITIES.join(", ")}` });
  else
    for (const [at, each] of capabilities.entries())
      if (!CAPABILITIES.includes(each))
        problems.push({ path: ["capabilities", at], detail: `must be one of ${CAPABILITIES.join(", ")}` });
  if (sessionId !== undefined && (typeof sessionId !== "string" || !SESSION_ID.test(sessionId)))
    problems.push({ path: ["sessionId"], detail: "must be 1 to 256 letters, digits, -, _ or ." });
  const areTexts = (list: unknown) => Array.isArray(list) && list.every((each) => typeof each === "string");
  if (featureFlags !== undefined && !(areTexts(featureFlags) && featureFlags.length <= MOST_FLAGS))
    problems.push({ path: ["featureFlags"], detail: `must be a list of at most ${MOST_FLAGS} names` });
  const eventTypes = types === undefined ? undefined : collectProblems(problems, () => typesOf(types));
  const refreshUrl = address === undefined ? undefined : collectProblems(problems, () => addressOf(address));
  const origin = around === undefined ? undefined : collectProblems(problems, () => originOf(around));
  if (problems.length > 0 || lastsMs === undefined) throw new InvalidInputError(problems);
  const granted = [...new Set(capabilities)];
  return { lastsMs, capabilities: granted, featureFlags, eventTypes, refreshUrl, origin, sessionId };
}

function typesOf(types: unknown): readonly string[] {
  if (!Array.isArray(types) || types.length === 0 || types.length > MOST_TYPES)
    throw wrong(["eventTypes"], `must be a list of 1 to ${MOST_TYPES} event types`);
  return [...new Set(types.map((type, at) => eventTypeOf(type, ["eventTypes", at])))];
}

/** A browser is sent there: an address with `javascript:` would run in the portal. */
function addressOf(address: unknown): string {
  const url = typeof address === "string" && address.length <= LONGEST_URL ? URL.parse(address) : null;
  if (url && WEB.has(url.protocol)) return url.href;
  throw wrong(["refreshUrl"], `must be an http or https URL of at most ${LONGEST_URL} characters`);
}

function originOf(origin: unknown): string {
  const url = typeof origin === "string" ? URL.parse(origin) : null;
  if (url && WEB.has(url.protocol) && url.origin === origin) return url.origin;
  throw wrong(["origin"], "must be an origin, such as https://app.example.com");
}

function lastingOf(expiresIn: Duration | undefined): number {
  const ms = expiresIn === undefined ? DEFAULT_MS : parseDuration(expiresIn, ["expiresIn"]);
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw wrong(["expiresIn"], `must be from ${durationText(SHORTEST_MS)} to ${durationText(LONGEST_MS)}`);
}

function shown(pass: PortalPass): PortalSession {
  const { featureFlags, eventTypes } = pass;
  return {
    sessionId: pass.session,
    tenant: pass.tenant,
    capabilities: JSON.parse(pass.capabilities) as Capability[], // only `create` writes them
    featureFlags: featureFlags === null ? undefined : (JSON.parse(featureFlags) as string[]), // likewise
    eventTypes: eventTypes === null ? undefined : (JSON.parse(eventTypes) as string[]), // likewise
    refreshUrl: pass.refreshUrl ?? undefined,
    origin: pass.origin ?? undefined,
    expiresAt: new Date(pass.expiresAt),
  };
}
