import type { EndpointAnswer } from "../../../src/http/schemas/endpoint.ts";
import { headersIn, linesWithout } from "../../kit/header-lines.ts";
import { jsonPieces, memberOf } from "../../kit/json-tokens.ts";
import { AUTH, jsonOf, NOT_SHOWN, typedOf, VERIFICATION } from "./endpoint-kinds.ts";

export const TEXTS = [
  ...(["url", "description", "uid", "event_types", "channels", "filter", "timeout", "attempts"] as const),
  ...(["delays", "header_style", "sends_event_type", "egress", "metadata"] as const),
  ...(["headers", "auth", "verification"] as const),
];

const AS_JSON: readonly TextName[] = ["filter", "metadata", "auth", "verification"];
const LISTS: readonly string[] = ["event_types", "channels", "delays"];

export type TextName = (typeof TEXTS)[number];

/** What a person sets of an endpoint, as it is typed; empty for what is not set. */
export type EndpointTexts = Readonly<Record<TextName, string>>;

export type TextProblems = { readonly [Name in TextName]?: string };

export const BLANK_TEXTS: EndpointTexts = {
  ...{ url: "", description: "", uid: "", event_types: "", channels: "", filter: "", timeout: "" },
  ...{ attempts: "", delays: "", header_style: "webhook", sends_event_type: "on", egress: "", metadata: "" },
  ...{ headers: "", auth: "", verification: "" },
};

/** @param answer an endpoint as the server wrote it: a filter may hold numbers that JavaScript cannot. */
export function textsOf(answer: string): EndpointTexts {
  const of = JSON.parse(answer) as EndpointAnswer; // as the API describes it
  return {
    url: of.url,
    description: of.description,
    uid: of.uid ?? "",
    event_types: listed(of.event_types),
    channels: listed(of.channels),
    filter: of.filter === null ? "" : laidOut(memberOf(answer, "filter")),
    timeout: of.timeout ?? "",
    attempts: of.retry?.attempts?.toString() ?? "",
    delays: listed(of.retry?.delays ?? null),
    header_style: of.header_style,
    sends_event_type: of.sends_event_type ? "on" : "",
    egress: of.egress ?? "",
    metadata: Object.keys(of.metadata).length === 0 ? "" : laidOut(memberOf(answer, "metadata")),
    headers: of.headers.map((name) => `${name}: ${NOT_SHOWN}`).join("\n"),
    auth: of.auth === null ? "" : jsonOf(AUTH, typedOf(JSON.stringify(authAsked(of.auth)))),
    verification:
      of.verification === null
        ? ""
        : jsonOf(VERIFICATION, typedOf(JSON.stringify(verificationAsked(of.verification)))),
  };
}

/** As a request sets it, without its secrets. */
function authAsked(auth: NonNullable<EndpointAnswer["auth"]>): object {
  switch (auth.kind) {
    case "bearer":
      return { ...auth, token: NOT_SHOWN };
    case "basic":
      return { ...auth, password: NOT_SHOWN };
    case "header":
      return { ...auth, value: NOT_SHOWN };
    case "oauth2": {
      const { scope, audience, parameters, ...same } = auth;
      return {
        ...{ ...same, client_secret: NOT_SHOWN },
        ...(scope !== null && { scope }),
        ...(audience !== null && { audience }),
        ...(parameters.length > 0 && {
          parameters: Object.fromEntries(parameters.map((name) => [name, NOT_SHOWN])),
        }),
      };
    }
    case "mtls":
      return {
        kind: auth.kind,
        ...{ certificate: NOT_SHOWN, key: NOT_SHOWN },
        ...(auth.has_ca && { ca: NOT_SHOWN }),
      };
  }
}

function verificationAsked({ method, origin }: NonNullable<EndpointAnswer["verification"]>): object {
  return { method, ...(origin !== null && { origin }) };
}

/** Which of them differ. */
export function changedTexts(before: EndpointTexts, after: EndpointTexts): TextName[] {
  return TEXTS.filter((name) => before[name].trim() !== after[name].trim());
}

/** What can be seen to be wrong without asking the server, which checks everything else. */
export function textProblems(texts: EndpointTexts, changed: readonly TextName[]): TextProblems {
  return Object.fromEntries(
    changed.flatMap((name) => {
      const problem = problemOf(name, texts[name].trim());
      return problem === undefined ? [] : [[name, problem]];
    }),
  );
}

function problemOf(name: TextName, text: string): string | undefined {
  if (name === "url" && !/^https?:\/\/./.test(text)) return "must start with https:// or http://";
  if (name === "auth" && text.includes(NOT_SHOWN))
    return "has a secret that is not shown here: enter it again";
  if (text.includes(NOT_SHOWN))
    return `contains ${NOT_SHOWN}, which stands for a value that is not shown here: enter the value in full`;
  if (name === "headers" && linesWithout(text) > 0)
    return "has a line that is not a name, a colon and a value";
  if (name === "attempts" && text !== "" && !/^\d+$/.test(text)) return "must be a whole number";
  if (AS_JSON.includes(name) && text !== "") {
    try {
      JSON.parse(text);
    } catch (error) {
      return `is not JSON: ${error instanceof Error ? error.message : error}`;
    }
  }
  return undefined;
}

/**
 * The members that set these texts, in a JSON body: what is not named there stays as it is on the server.
 * @param more other members.
 */
export function bodyOf(
  texts: EndpointTexts,
  changed: readonly TextName[],
  more: readonly (readonly [name: string, value: string])[] = [],
): string {
  const others = more.map(([name, value]) => [name, JSON.stringify(value)] as const);
  const members = new Map([...changed.map((name) => memberFor(name, texts)), ...others]);
  return `{${[...members].map(([name, json]) => `"${name}": ${json}`).join(", ")}}`;
}

function memberFor(name: TextName, texts: EndpointTexts): readonly [name: string, json: string] {
  const text = texts[name].trim();
  switch (name) {
    case "event_types":
    case "channels":
      return [name, JSON.stringify(listIn(text))];
    case "headers":
      return [name, JSON.stringify(headersIn(text))];
    case "filter":
    case "metadata":
    case "auth":
    case "verification":
      return [name, text || "null"]; // not written again: what was typed is what is sent
    case "attempts":
    case "delays":
      return ["retry", JSON.stringify(retryIn(texts))]; // replaced as a whole
    case "sends_event_type":
      return [name, String(text === "on")];
    case "url":
      return [name, JSON.stringify(text)];
    default:
      return [name, JSON.stringify(text || null)];
  }
}

function retryIn({ attempts, delays }: EndpointTexts): object | null {
  const pauses = listIn(delays);
  if (attempts.trim() === "" && pauses === null) return null;
  return { ...(attempts.trim() !== "" && { attempts: Number(attempts) }), ...(pauses && { delays: pauses }) };
}

/**
 * Which text a problem of the server is about, and what to say there; undefined if it is about none.
 * @param pointer into the body (RFC 6901), such as `/event_types/0`.
 */
export function toldAt(
  pointer: string,
  detail: string,
  texts: EndpointTexts,
): readonly [TextName, string] | undefined {
  const [, first = "", ...rest] = pointer.split("/");
  const [second = "attempts", ...inRetry] = rest;
  const named = first === "retry" ? second : first;
  const name = TEXTS.find((each) => each === named);
  if (name === undefined) return undefined;
  const inside = first === "retry" ? inRetry : rest;
  const value = LISTS.includes(name) ? listIn(texts[name])?.[Number(inside[0])] : inside.join(".");
  return [name, `${value ?? ""} ${detail}`.trim()];
}

function listed(values: readonly string[] | null): string {
  return values?.join(", ") ?? "";
}

function listIn(text: string): readonly string[] | null {
  const values = text.split(/[\s,]+/).filter((value) => value !== "");
  return values.length === 0 ? null : values;
}

function laidOut(json = ""): string {
  return (
    jsonPieces(json)
      ?.map(({ text }) => text)
      .join("") ?? json
  );
}
