import type { EndpointAnswer } from "../../../src/http/schemas/endpoint.ts";
import { headersIn } from "../../kit/header-lines.ts";

/** Stands for what the server does not show. */
export const NOT_SHOWN = "••••";

/** A field of one kind of setting, under its name in the API. */
export interface Part {
  readonly name: string;
  readonly label: string;
  /** `lines`: names and values, one per line; `long`: several lines; a list: one of these. */
  readonly is: "text" | "secret" | "long" | "lines" | readonly string[];
  readonly isOptional?: true;
}

/** A setting that is of one of several kinds, each with fields of its own. */
export interface Kinds {
  /** The member that names the kind. */
  readonly by: string;
  readonly of: Readonly<Record<string, KindOf>>;
}

interface KindOf {
  readonly label: string;
  readonly parts: readonly Part[];
}

const text = (name: string, label: string): Part => ({ name, label, is: "text" });
const secret = (name: string, label: string): Part => ({ name, label, is: "secret" });

export const AUTH: Kinds = {
  by: "kind",
  of: {
    bearer: { label: "Bearer token", parts: [secret("token", "Token")] },
    basic: {
      label: "User name and password",
      parts: [text("username", "User name"), secret("password", "Password")],
    },
    header: { label: "Header", parts: [text("name", "Name of the header"), secret("value", "Value")] },
    oauth2: {
      label: "OAuth 2.0 client credentials",
      parts: [
        text("token_url", "Token URL"),
        text("client_id", "Client id"),
        secret("client_secret", "Client secret"),
        { name: "client_auth", label: "The client authenticates with", is: ["basic", "post"] },
        { ...text("scope", "Scopes, separated by spaces"), isOptional: true },
        { ...text("audience", "Audience"), isOptional: true },
        {
          ...{ name: "parameters", label: "Other parameters, one per line (name: value)", is: "lines" },
          isOptional: true,
        },
      ],
    },
    mtls: {
      label: "Client certificate",
      parts: [
        { name: "certificate", label: "Certificate, in PEM", is: "long" },
        { name: "key", label: "Private key, in PEM", is: "long" },
        {
          ...{ name: "ca", label: "Authorities that the receiver's certificate must come from, in PEM" },
          ...{ is: "long", isOptional: true },
        },
      ],
    },
  } satisfies Record<NonNullable<EndpointAnswer["auth"]>["kind"], KindOf>,
};

export const VERIFICATION: Kinds = {
  by: "method",
  of: {
    challenge: { label: "Signed challenge", parts: [] },
    handshake: {
      label: "CloudEvents handshake",
      parts: [{ ...text("origin", "Host name of the sender"), isOptional: true }],
    },
  } satisfies Record<NonNullable<EndpointAnswer["verification"]>["method"], KindOf>,
};

export type Typed = Readonly<Record<string, string>>;

/** What is typed into its fields; the kind is under the name that `by` gives. */
export function typedOf(json: string): Typed {
  const set = JSON.parse(json || "{}") as Readonly<Record<string, string | Typed>>; // as `jsonOf` writes it
  return Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, typeof value === "string" ? value : linesOf(value)]),
  );
}

/** As a request sets it; empty for no kind. */
export function jsonOf({ by, of }: Kinds, typed: Typed): string {
  const kind = typed[by] ?? "";
  const found = of[kind];
  if (!found) return "";
  const members = found.parts.flatMap(({ name, is, isOptional }) => {
    const value = typed[name] ?? (typeof is === "string" ? "" : is[0]);
    if (isOptional && !value?.trim()) return [];
    return [[name, is === "lines" ? headersIn(value ?? "") : value] as const];
  });
  return JSON.stringify(Object.fromEntries([[by, kind], ...members]));
}

function linesOf(values: Typed): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
