import { errors } from "undici";
import { isError } from "../../core/errors.ts";
import { CONNECT_TIMEOUT_MS } from "../targets/connector.ts";
import { TargetRefusedError } from "../targets/target-refused.ts";

export interface Failure {
  /** For people. Names host and port, and nothing else of the URL; the messages of others are not passed on. */
  readonly sentence: string;
  /** It was our own policy that let no connection be made. */
  readonly refused: boolean;
}

/** @param status of the answer, when its headers had come. */
export function describeFailure(error: unknown, target: URL, status: number | undefined): Failure {
  if (error instanceof TargetRefusedError) return { sentence: error.message, refused: true };
  const port = target.port || (target.protocol === "https:" ? "443" : "80");
  return {
    sentence: sentenceOf(error, target.hostname, `${target.hostname}:${port}`, status),
    refused: false,
  };
}

function sentenceOf(error: unknown, host: string, at: string, status: number | undefined): string {
  const code = codeOf(error);
  const when = status === undefined ? "before it answered" : `in the middle of its answer (status ${status})`;
  if (CERTIFICATE_CODES.has(code))
    return `the TLS certificate of ${at} was refused: ${reasonOf(error)} (${code})`;
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return `TLS with ${at} failed: ${reasonOf(error)} (${code})`;
  if (error instanceof errors.HTTPParserError) return `${at} answered with something that is not HTTP/1.1`;
  switch (code) {
    case "ENOTFOUND":
    case "ENODATA":
    case "EBADNAME":
      return `the name ${host} is not known (${code})`;
    case "ESERVFAIL":
    case "ETIMEOUT":
    case "EREFUSED":
    case "EAI_AGAIN":
      return `the name ${host} could not be looked up: the name server failed (${code})`;
    case "ECONNREFUSED":
      return `${at} refused the connection (${code})`;
    case "UND_ERR_CONNECT_TIMEOUT":
      return `no connection to ${at} within ${CONNECT_TIMEOUT_MS / 1_000} s`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
    case "ETIMEDOUT":
      return `${at} cannot be reached (${code})`;
    case "ECONNRESET":
    case "EPIPE":
      return `${at} reset the connection ${when} (${code})`;
    case "UND_ERR_SOCKET":
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return `${at} closed the connection ${when}`;
    case "UND_ERR_HEADERS_OVERFLOW":
      return `${at} answered with more than 16 KiB of headers`;
    case "UND_ERR_DESTROYED":
    case "UND_ERR_CLOSED":
      return "the sender was shut down";
    case "UND_ERR_INVALID_ARG":
      return `the request cannot be sent: ${reasonOf(error)}`; // undici names a bad header here, never its value
    default:
      return `the exchange with ${at} failed ${when}${code && ` (${code})`}`;
  }
}

/** When every address of a name failed, Node gives one error with the first one's code. */
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
