import type { Keys } from "../../access/keys.ts";
import type { Clock } from "../../core/clock.ts";
import type { SecretBox } from "../../secrets/secret-box.ts";
import type { Tenants } from "../../webhooks/tenants/tenants.ts";
import { commandLineGate } from "../access/command-line-gate.ts";
import { devGate } from "../access/dev-gate.ts";
import { KeyGate } from "../access/key-gate.ts";
import type { Gate } from "../access/permission.ts";
import type { BodyReader } from "../request/body.ts";
import { ConsoleGate } from "./console-gate.ts";
import { type ConsoleRoute, consoleRoutes } from "./routes.ts";
import { SessionCookie } from "./session-cookie.ts";
import { SignIn } from "./sign-in.ts";
import { type Authorize, Visitors } from "./visitors.ts";

interface Around {
  readonly access:
    | { readonly mode: "dev" }
    | { readonly mode: "cli" }
    | { readonly mode: "keys"; readonly keys: Pick<Keys, "look" | "find"> };
  readonly clock: Clock;
  readonly version: string;
  readonly bodies: BodyReader;
  readonly base: string;
  /** What the server answers; of that, what somebody is answered who is bound to some tenants. */
  operations(isBound: boolean): readonly string[];
  readonly inbox: boolean;
  readonly traceUrl: string | null;
  readonly tenants: Pick<Tenants, "get">;
  /** Asked for once somebody signs in. */
  box(): SecretBox;
}

/** The gate of the API, through which people with a session come too, and the console's own routes; without a console, neither. */
export function consoleOf(
  options: false | { readonly authorize?: Authorize },
  { access, clock, version, bodies, base, operations, inbox, traceUrl, tenants, box }: Around,
): { readonly gate: Gate; readonly routes: readonly ConsoleRoute[] } {
  const keyed = gateOf(access);
  if (options === false || access.mode === "cli") return { gate: keyed, routes: [] };
  const signIn = { clock, version, inbox, traceUrl, operations };
  if (access.mode === "dev")
    return {
      gate: keyed,
      routes: consoleRoutes({ signIn: new SignIn({ ...signIn, people: undefined }), bodies, base }),
    };
  const { keys } = access;
  const cookie = new SessionCookie(box, base);
  const visitors = new Visitors({ keys, cookie, tenants, clock, authorize: options.authorize });
  const people = { keys, cookie, visitors };
  return {
    gate: new ConsoleGate(keyed, visitors),
    routes: consoleRoutes({ signIn: new SignIn({ ...signIn, people }), bodies, base }),
  };
}

function gateOf(access: Around["access"]): Gate {
  if (access.mode === "keys") return new KeyGate(access.keys);
  return access.mode === "dev" ? devGate : commandLineGate;
}
