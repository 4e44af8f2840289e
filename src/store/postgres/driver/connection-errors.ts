import {
  messageOf,
  type PosthornError,
  StoreUnavailableError,
  StoreUnusableError,
} from "../../../core/errors.ts";
import { codeOf } from "./error-code.ts";

const WRONG_PASSWORD = "28P01";
const NO_LOGIN = /^28/;
const NO_DATABASE = "3D000";
const SELF_SIGNED = /SELF_SIGNED/;
const UNKNOWN_AUTHORITY = /^(UNABLE_TO_|CERT_UNTRUSTED$|CERT_CHAIN_TOO_LONG$)/;
const EXPIRED = "CERT_HAS_EXPIRED";
const NOT_YET_VALID = "CERT_NOT_YET_VALID";
const ANOTHER_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";
const OTHER_CERTIFICATE_TROUBLE = /^(CERT_|CRL_|INVALID_|HOSTNAME_MISMATCH)/;
/** OpenSSL's; those without SSL are about a file that was given. */
const TLS_TROUBLE = /^(ERR_SSL_|EPROTO$)/;
const BAD_FILE = /^ERR_(OSSL|CRYPTO)_/;
const UNKNOWN_HOST = ["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME"];

const NAME_IT =
  "name the authority's certificate in the connection string: sslmode=verify-full&sslrootcert=/path/to/ca.pem";

/** Whether a file that the connection string names could not be read; a missing socket does not count. */
export function isFileError(thrown: unknown): thrown is Error & { path: string } {
  return thrown instanceof Error && "syscall" in thrown && thrown.syscall !== "connect" && "path" in thrown;
}

/**
 * Explains why there is no connection, in a sentence that says what to do; undefined for other errors. What the server says about the user
 * is not repeated: a password may have ended up in the name.
 */
export function explainConnection(thrown: unknown, where: string): PosthornError | undefined {
  const sentence = unusable(thrown, codeOf(thrown), where);
  if (sentence) return new StoreUnusableError(sentence, { cause: thrown });
  if (!UNKNOWN_HOST.includes(codeOf(thrown))) return undefined;
  return new StoreUnavailableError(
    `the host of the database ${where} cannot be found (${codeOf(thrown)}); check its name, and that the name server answers`,
    { cause: thrown },
  );
}

function unusable(thrown: unknown, code: string, where: string): string | undefined {
  const message = messageOf(thrown);
  if (isFileError(thrown))
    return `a file that the database's connection string names (sslrootcert, sslcert, sslkey) cannot be read: ${message}`;
  if (SELF_SIGNED.test(code))
    return `the certificate of the database ${where} is self-signed, or signed by an authority of its own; ${NAME_IT}`;
  if (UNKNOWN_AUTHORITY.test(code))
    return `the certificate of the database ${where} is signed by an authority that is unknown; ${NAME_IT}`;
  if (code === EXPIRED)
    return `the certificate of the database ${where} has expired; renew it, or correct this machine's clock if it is wrong`;
  if (code === NOT_YET_VALID)
    return `the certificate of the database ${where} is not valid yet; check this machine's clock`;
  if (code === ANOTHER_NAME)
    return `the certificate of the database ${where} is for another host; connect to it by a name that the certificate holds (${message})`;
  if (OTHER_CERTIFICATE_TROUBLE.test(code))
    return `the certificate of the database ${where} cannot be trusted (${message})`;
  if (message === "The server does not support SSL connections")
    return `the database ${where} takes no TLS, which the connection string asks for; switch it on there (ssl = on), or connect with sslmode=disable where the network is safe`;
  if (TLS_TROUBLE.test(code) || message === "There was an error establishing an SSL connection")
    return `TLS with the database ${where} failed (${message}); see the server's log`;
  if (BAD_FILE.test(code))
    return `a certificate or key that the database's connection string names (sslrootcert, sslcert, sslkey) cannot be used (${message})`;
  if (/client password must be/.test(message))
    return `the database ${where} asks for a password, and the connection string has none`;
  if (code === WRONG_PASSWORD) return `the database ${where} refused this user or its password`;
  if (NO_LOGIN.test(code)) return notLetIn(message, where);
  if (code === NO_DATABASE) return `there is no database ${where}; create it, or name another`;
  return undefined;
}

function notLetIn(message: string, where: string): string {
  if (/pg_hba\.conf/.test(message)) {
    const withoutTls = /no encryption|SSL off/.test(message);
    return `the database ${where} lets this user in from here not at all${
      withoutTls ? ", or only with TLS; connect with sslmode=verify-full, or" : ";"
    } add an entry to its pg_hba.conf`;
  }
  if (/client certificate/.test(message))
    return `the database ${where} asks for a client certificate; name one in the connection string: sslcert=/path/to/client.pem&sslkey=/path/to/client.key`;
  return `the database ${where} refused this user: it does not exist, or may not log in, or not in this way`;
}
