import type { IncomingMessage } from "node:http";
import { headerOf, senderOf } from "../request/incoming.ts";
import { RequestError } from "../request/request-error.ts";
import type { Caller, Gate } from "./permission.ts";

const DEVELOPER: Caller = { id: "dev", actor: { name: "dev", role: "admin", via: "api" }, payloads: "full" };

const IN_CONSOLE: Caller = { ...DEVELOPER, actor: { ...DEVELOPER.actor, via: "console" } };

/** As URLs are normalised: lower case, IPv6 in brackets. */
const LOOPBACK_ORIGIN = /^https?:\/\/(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?(?=[/?#]|$)/;

/** As sockets report it: 127.0.0.0/8 (also mapped into IPv6 if a server listens on both) and ::1. */
const LOOPBACK_ADDRESS = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/i;

/** Set by proxies, which connect from this machine for clients that are elsewhere. */
const FORWARDED =
  /^(?:x-forwarded|forwarded$|via$|x-real-ip$|x-client-ip$|true-client-ip$|cf-|x-envoy-|x-original-)/;

/**
 * Dev mode needs no key, so it has to keep out everyone but the developer on this machine. Other machines: the connection has to
 * come from a loopback address, and not from a proxy there. A web page in the developer's browser: it either comes under its own
 * name made to resolve to 127.0.0.1 (DNS rebinding), which shows in Host, or from its own origin, which shows in Origin.
 *
 * Without a Node message (a bare `fetch`) nothing shows who sent the request; the caller has to know.
 */
export const devGate: Gate = {
  admit(c) {
    const message = senderOf(c);
    if (message) refuseOtherMachines(message);
    const own = LOOPBACK_ORIGIN.exec(c.req.raw.url)?.[0];
    const host = headerOf(c, "host");
    if (own === undefined || (host !== null && !isLoopback(host, own))) {
      throw refused(
        "in dev mode the Host must be a loopback name: 127.0.0.1, localhost or [::1], on any port",
      );
    }
    const origin = headerOf(c, "origin");
    if (origin !== null && origin !== own) {
      throw refused(
        "in dev mode a browser may only send requests from the server's own pages; otherwise, serve with keys",
      );
    }
    return headerOf(c, "posthorn-console") === "1" ? IN_CONSOLE : DEVELOPER;
  },
};

function refuseOtherMachines({ socket, headers }: IncomingMessage): void {
  if (!LOOPBACK_ADDRESS.test(socket.remoteAddress ?? "")) {
    throw refused(
      "dev mode answers only requests from this machine; to serve others, run without --dev, with API keys",
    );
  }
  for (const name in headers) {
    if (!FORWARDED.test(name)) continue;
    throw refused(
      `dev mode refuses what a proxy forwarded (${name}); behind a proxy, run without --dev, with API keys`,
    );
  }
}

/** @param own the loopback origin that the request's URL has, most often from this very header. */
function isLoopback(host: string, own: string): boolean {
  return own === `http://${host}` || LOOPBACK_ORIGIN.test(`http://${host.toLowerCase()}`);
}

function refused(detail: string): RequestError {
  return new RequestError(detail, { status: 403, code: "forbidden" });
}
