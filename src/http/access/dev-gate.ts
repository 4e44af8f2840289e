import { headerOf } from "../request/incoming.ts";
import { RequestError } from "../request/request-error.ts";
import type { Caller, Gate } from "./permission.ts";

const DEVELOPER: Caller = { id: "dev" };

/** As URLs are normalised: lower case, IPv6 in brackets. */
const LOOPBACK_ORIGIN = /^https?:\/\/(?:127(?:\.\d+){3}|localhost|\[::1\])(?::\d+)?(?=[/?#]|$)/;

/**
 * Dev mode needs no key, so it has to keep out the one stranger who can reach loopback: a web page in the developer's browser.
 * Such a page either comes under its own name made to resolve to 127.0.0.1 (DNS rebinding), which shows in Host, or
 * from its own
 * origin, which shows in Origin.
 */
export const devGate: Gate = {
  admit(c) {
    const own = LOOPBACK_ORIGIN.exec(c.req.raw.url)?.[0];
    const host = headerOf(c, "host");
    if (own === undefined || (host !== null && !LOOPBACK_ORIGIN.test(`http://${host}`))) {
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
    return DEVELOPER;
  },
};

function refused(detail: string): RequestError {
  return new RequestError(detail, { status: 403, code: "forbidden" });
}
