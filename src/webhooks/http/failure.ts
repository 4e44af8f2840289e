import { errors } from "undici/index.js";
import { isError } from "../../core/errors.ts";
import type { AttemptClass } from "../../core/outcome.ts";
import { CONNECT_TIMEOUT_MS } from "../targets/connector.ts";
import { EgressProxyError } from "../targets/egress-proxy-error.ts";
import { TargetRefusedError } from "../targets/target-refused.ts";

/** Where an exchange without a whole answer failed. */
export type FailureClass = Extract<
  AttemptClass,
  "timeout" | "connect" | "dns" | "tls" | "broken" | "blocked" | "error"
>;

export interface Failure {
  /** For people to read. Names host and port, and nothing else of the URL; other libraries' messages are not passed on. */
  readonly error: string;
  readonly class: FailureClass;
}

/** How far an exchange has come; a status, once the headers of the final answer have. */
export type Stage = "connecting" | "asked" | number;

/** @param stage at which it failed: with a status, the sentence is about what happened to the answer's body. */
export function describeFailure(error: unknown, target: Readonly<URL>, stage: Stage): Failure {
  if (error instanceof TargetRefusedError) return { error: error.message, class: "blocked" };
  if (error instanceof EgressProxyError) return { error: error.message, class: error.class };
  const port = target.port || (target.protocol === "https:" ? "443" : "80");
  const at = `${target.hostname}:${port}`;
  const code = codeOf(error);
  return (
    ofName(code, target.hostname) ??
    ofConnecting(error, code, at) ??
    (stage === "connecting" ? ofHandshake(code, at, target.protocol === "https:") : undefined) ??
    ofAnswer(error, code, at, stage) ?? {
      error: `the exchange with ${at} failed ${when(stage)}${code && ` (${code})`}`,
      class: "broken",
    }
  );
}

function ofName(code: string, host: string): Failure | undefined {
  switch (code) {
    case "ENOTFOUND":
    case "ENODATA":
    case "EBADNAME":
      return { error: `the name ${host} is unknown (${code})`, class: "dns" };
    case "ESERVFAIL":
    case "ETIMEOUT":
    case "EREFUSED":
    case "EAI_AGAIN":
      return {
        error: `the name ${host} could not be looked up: the name server failed (${code})`,
        class: "dns",
      };
    default:
      return undefined;
  }
}

function ofConnecting(error: unknown, code: string, at: string): Failure | undefined {
  if (CERTIFICATE_CODES.has(code))
    return { error: `the TLS certificate of ${at} was refused: ${reasonOf(error)} (${code})`, class: "tls" };
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return { error: `TLS with ${at} failed: ${reasonOf(error)} (${code})`, class: "tls" };
  switch (code) {
    case "ECONNREFUSED":
      return { error: `${at} refused the connection (${code})`, class: "connect" };
    case "UND_ERR_CONNECT_TIMEOUT":
      return { error: `no connection to ${at} within ${CONNECT_TIMEOUT_MS / 1_000} s`, class: "connect" };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
    case "ETIMEDOUT":
      return { error: `${at} cannot be reached (${code})`, class: "connect" };
    default:
      return undefined;
  }
}

function ofHandshake(code: string, at: string, secure: boolean): Failure | undefined {
  if (code !== "ECONNRESET" && code !== "EPIPE") return undefined;
  return secure
    ? { error: `${at} dropped the connection during the TLS handshake (${code})`, class: "tls" }
    : { error: `${at} dropped the connection at once (${code})`, class: "connect" };
}

function ofAnswer(error: unknown, code: string, at: string, stage: Stage): Failure | undefined {
  const answered = typeof stage === "number";
  if (error instanceof errors.HTTPParserError) {
    const what = answered ? "sent a body" : "answered with something";
    return { error: `${at} ${what} that is not HTTP/1.1${remarkOf(error)}`, class: "broken" };
  }
  switch (code) {
    case "ERR_ASSERTION": // undici takes a status below 100 for a mistake of its own
      return { error: `${at} answered with a status that is not HTTP/1.1`, class: "broken" };
    case "ECONNRESET":
    case "EPIPE":
      return { error: `${at} reset the connection ${when(stage)} (${code})`, class: "broken" };
    case "UND_ERR_SOCKET":
      return { error: `${at} ${ofSocket(error, stage)}`, class: "broken" };
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return { error: `${at} ${ofLength(stage)}`, class: "broken" };
    case "UND_ERR_HEADERS_OVERFLOW":
      return { error: `${at} answered with more than 16 KiB of headers`, class: "broken" };
    case "UND_ERR_DESTROYED":
    case "UND_ERR_CLOSED":
      return { error: "the sender was shut down", class: "broken" };
    case "UND_ERR_INVALID_ARG": // undici names a bad header here, never its value
      return { error: `the request cannot be sent: ${reasonOf(error)}`, class: "error" };
    default:
      return undefined;
  }
}

/** Before the headers are complete, undici reports this for anything wrong with them after a Content-Length. */
function ofLength(stage: Stage): string {
  if (typeof stage !== "number")
    return "answered with a Content-Length that does not match: given twice, with Transfer-Encoding, or among headers that are not HTTP/1.1";
  if (stage === 204 || stage === 304) return "sent a Content-Length with a status that has no body";
  return "sent a body that does not match its Content-Length";
}

function ofSocket(error: unknown, stage: Stage): string {
  switch (isError(error) ? error.message : "") {
    case "bad upgrade":
      return "switched to another protocol, which was not asked for (bad upgrade)";
    case "bad response":
      return "sent too many informational answers (bad response)";
    default:
      return `closed the connection ${when(stage)}`;
  }
}

function when(stage: Stage): string {
  return typeof stage === "number" ? "in the middle of its answer" : "before it answered";
}

/** The parser's own words, which quote nothing of what it read. */
function remarkOf({ message }: Error): string {
  const [, reason = ""] = /\((.+)\)$/.exec(message) ?? [];
  return reason === "" || reason.startsWith("Expected HTTP/") ? "" : ` (${reason})`;
}

/** When every address of a name failed, Node reports one error with the first one's code. */
function codeOf(error: unknown): string {
  return isError(error) && "code" in error && typeof error.code === "string" ? error.code : "";
}

function reasonOf(error: unknown): string {
  if (!isError(error)) return "unknown";
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
  return reason.slice(0, LONGEST_REASON);
}

/** A certificate can list thousands of names, and all of them come back in the reason. */
const LONGEST_REASON = 200;

/** From Node's list of X.509 certificate error codes, and the one for a certificate of another name. */
const CERTIFICATE_CODES = new Set([
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "CERT_SIGNATURE_FAILURE",
  "CRL_SIGNATURE_FAILURE",
  "CERT_NOT_YET_VALID",
  "CERT_HAS_EXPIRED",
  "CRL_NOT_YET_VALID",
  "CRL_HAS_EXPIRED",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CRL_LAST_UPDATE_FIELD",
  "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
  "OUT_OF_MEM",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_CHAIN_TOO_LONG",
  "CERT_REVOKED",
  "INVALID_CA",
  "PATH_LENGTH_EXCEEDED",
  "INVALID_PURPOSE",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "HOSTNAME_MISMATCH",
]);
