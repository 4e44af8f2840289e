import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { collectProblems, refuseOther, textOf, unknownOptions } from "../../core/options.ts";
import { wrongHeaderName, wrongHeaderValue } from "../accept/delivery-headers.ts";
import { parseTargetUrl } from "../targets/target-url.ts";
import { readCertificate, type ShownCertificate } from "./client-certificate.ts";

/**
 * How deliveries authenticate themselves to the receiver, besides the signature. Always given as a whole. Its secrets are stored encrypted
 * and never shown.
 */
export type AuthOptions = BearerAuth | BasicAuth | HeaderAuth | OAuth2Auth | MtlsAuth;

/** `Authorization: Bearer …` (RFC 6750). */
export interface BearerAuth {
  readonly kind: "bearer";
  readonly token: string;
}

/** `Authorization: Basic …` (RFC 7617). */
export interface BasicAuth {
  readonly kind: "basic";
  /** Without a colon. */
  readonly username: string;
  readonly password: string;
}

/** A header of your choice, such as `X-API-Key`. */
export interface HeaderAuth {
  readonly kind: "header";
  readonly name: string;
  readonly value: string;
}

/** An access token obtained with the client credentials grant of OAuth 2.0 (RFC 6749 §4.4), sent as `Authorization: Bearer …`. */
export interface OAuth2Auth {
  readonly kind: "oauth2";
  /** http or https; it has to be allowed like a target. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How the client authenticates itself: with basic authentication, or in the body. Default `basic`. */
  readonly clientAuth?: "basic" | "post";
  /** Scopes, separated by spaces. */
  readonly scope?: string;
  readonly audience?: string;
  /** Other parameters of the token request, such as `resource`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A client certificate, shown in the TLS handshake. */
export interface MtlsAuth {
  readonly kind: "mtls";
  /** The certificate in PEM, followed by those of intermediate authorities. */
  readonly certificate: string;
  /** The private key in PEM, not encrypted. */
  readonly key: string;
  /** Certificate authorities in PEM, one of which must have signed the receiver's certificate. Default: those that Node trusts. */
  readonly ca?: string;
}

/** An endpoint's authentication as it is shown: everything except its secrets. */
export type ShownAuth =
  | { readonly kind: "bearer" }
  | { readonly kind: "basic"; readonly username: string }
  | { readonly kind: "header"; readonly name: string }
  | {
      readonly kind: "oauth2";
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientAuth: "basic" | "post";
      readonly scope: string | null;
      readonly audience: string | null;
      /** Their names. */
      readonly parameters: readonly string[];
    }
  | ({ readonly kind: "mtls" } & ShownCertificate);

/** Checked options, divided into what may be shown and what is encrypted. */
export interface ReadAuth {
  readonly shown: ShownAuth;
  readonly secret: AuthSecret;
}

/** The encrypted part of each kind. */
export interface AuthSecret {
  /** Headers that are sent as they are. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly clientSecret?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly certificate?: { readonly cert: string; readonly key: string; readonly ca?: string };
}

const KINDS = ["bearer", "basic", "header", "oauth2", "mtls"] as const;
const LONGEST_TEXT = 4_096;
const MOST_PARAMETERS = 20;
const LONGEST_PEM = 64 * 1024;
/** Parameters that the grant itself sets. */
const OWN_PARAMETERS = new Set(["grant_type", "client_id", "client_secret", "scope", "audience"]);

/**
 * Checks everything except where a token URL leads. Error messages do not repeat secrets.
 * @throws InvalidInputError naming every member that is wrong.
 */
export function readAuth(options: AuthOptions): ReadAuth {
  refuseOther(options, ["auth"], `must be an object with a kind: ${KINDS.join(", ")}`);
  const problems: FieldProblem[] = [];
  const read = collectProblems(problems, () => readers[kindOf(options)](options, problems));
  if (problems.length > 0 || read === undefined) throw new InvalidInputError(problems);
  return read;
}

function kindOf({ kind }: AuthOptions): AuthOptions["kind"] {
  if (KINDS.includes(kind)) return kind;
  throw new InvalidInputError([{ path: ["auth", "kind"], detail: `must be one of ${KINDS.join(", ")}` }]);
}

type Reader = (options: AuthOptions, problems: FieldProblem[]) => ReadAuth | undefined;

/** The readers of each kind's options. */
const readers: Readonly<Record<AuthOptions["kind"], Reader>> = {
  bearer(options, problems) {
    const { token } = membersOf(options, ["token"], [], problems);
    return {
      shown: { kind: "bearer" },
      secret: { headers: header("authorization", `Bearer ${token}`, "token", problems) },
    };
  },
  basic(options, problems) {
    const { username = "", password = "" } = membersOf(options, ["username", "password"], [], problems);
    if (username.includes(":"))
      problems.push({ path: ["auth", "username"], detail: "must not contain a colon" });
    const pair = Buffer.from(`${username}:${password}`).toString("base64");
    return {
      shown: { kind: "basic", username },
      secret: { headers: header("authorization", `Basic ${pair}`, "password", problems) },
    };
  },
  header(options, problems) {
    const { name = "", value = "" } = membersOf(options, ["name", "value"], [], problems);
    return {
      shown: { kind: "header", name },
      secret: { headers: header(name, value, "value", problems) },
    };
  },
  oauth2(options, problems) {
    const given = membersOf(options, ["tokenUrl", "clientId", "clientSecret"], OAUTH2_OPTIONAL, problems);
    const { tokenUrl = "", clientId = "", clientSecret = "", scope = null, audience = null } = given;
    const { clientAuth = "basic", parameters = {} } = options as OAuth2Auth; // of its kind
    const url = collectProblems(problems, () => tokenUrlOf(tokenUrl));
    if (clientAuth !== "basic" && clientAuth !== "post")
      problems.push({ path: ["auth", "clientAuth"], detail: "must be basic or post" });
    refuseParameters(parameters, problems);
    return {
      shown: {
        ...{ kind: "oauth2", tokenUrl: url ?? tokenUrl, clientId, clientAuth, scope, audience },
        parameters: Object.keys(parameters ?? {}), // null is among the problems
      },
      secret: { clientSecret, parameters },
    };
  },
  mtls(options, problems) {
    const given = membersOf(options, ["certificate", "key"], ["ca"], problems, LONGEST_PEM);
    const { certificate: cert = "", key = "", ca } = given;
    const certificate = { cert, key, ...(ca !== undefined && { ca }) };
    if (problems.length > 0) return undefined; // missing members are reported first
    const shown = collectProblems(problems, () => readCertificate(certificate));
    return shown && { shown: { kind: "mtls", ...shown }, secret: { certificate } };
  },
};

const OAUTH2_OPTIONAL = ["clientAuth", "scope", "audience", "parameters"];

/** Reads members that are strings, and reports those that are missing, unknown or not strings. */
function membersOf(
  options: AuthOptions,
  required: readonly string[],
  optional: readonly string[],
  problems: FieldProblem[],
  longest = LONGEST_TEXT,
): Readonly<Record<string, string>> {
  problems.push(...unknownOptions(options, ["kind", ...required, ...optional], ["auth"]));
  const given = options as unknown as Readonly<Record<string, string | undefined>>; // read as text, and checked as such
  const members: Record<string, string> = {};
  for (const name of [...required, ...optional]) {
    const value = given[name];
    const path = ["auth", name];
    if (value === undefined) {
      if (required.includes(name)) problems.push({ path, detail: "is required" });
    } else if (name !== "parameters") {
      const text = collectProblems(problems, () => textOf(value, path)) ?? "";
      if (text.length > longest) problems.push({ path, detail: `must be at most ${longest} characters` });
      members[name] = text;
    }
  }
  return members;
}

/** @param member the member that the value comes from, named in the error if it cannot be sent. */
function header(
  name: string,
  value: string,
  member: string,
  problems: FieldProblem[],
): Readonly<Record<string, string>> {
  if (problems.length > 0) return {}; // missing members are reported first
  const lower = name.toLowerCase();
  const ofName = lower === "content-type" ? "is that of the payload" : wrongHeaderName(lower, "endpoints");
  const ofValue = wrongHeaderValue(value);
  if (ofName !== undefined) problems.push({ path: ["auth", "name"], detail: ofName });
  if (ofValue !== undefined) problems.push({ path: ["auth", member], detail: ofValue });
  return { [name]: value };
}

function tokenUrlOf(text: string): string {
  try {
    return parseTargetUrl(text).href;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(error.problems.map(({ detail }) => ({ path: ["auth", "tokenUrl"], detail })));
  }
}

function refuseParameters(parameters: Readonly<Record<string, string>>, problems: FieldProblem[]): void {
  const path = ["auth", "parameters"];
  const found = collectProblems(problems, () => {
    refuseOther(parameters, path, "must be an object of strings");
    return Object.entries(parameters);
  });
  if (found === undefined) return;
  if (found.length > MOST_PARAMETERS)
    problems.push({ path, detail: `must be at most ${MOST_PARAMETERS}; there are ${found.length}` });
  for (const [name, value] of found) {
    if (OWN_PARAMETERS.has(name))
      problems.push({ path: [...path, name], detail: "is set by the grant; use the option of this name" });
    else if (typeof value !== "string" || value.length > LONGEST_TEXT)
      problems.push({
        path: [...path, name],
        detail: `must be a string of at most ${LONGEST_TEXT} characters`,
      });
  }
}
