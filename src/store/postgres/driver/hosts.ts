import { ConfigurationError } from "../../../core/errors.ts";
import { splitSchema } from "./schema.ts";

/** One server of a connection string. */
export interface Host {
  /** A connection string of its own. */
  readonly url: string;
  /** For messages: host, port and database, never user or password. */
  readonly label: string;
}

interface Parts {
  readonly scheme: string;
  /** With its `@`; empty when there is none. */
  readonly user: string;
  readonly hosts: readonly string[];
  /** What may be shown of the path. */
  readonly shownPath: string;
  /** Path and parameters. */
  readonly tail: string;
}

/** As a URL has it, the user ends at the last @ before the path. */
const URL_PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#]*)([^?#]*)(.*)$/is;
/** A name, an address, or the folder of a socket with its slashes escaped. */
const HOST = /^(?:\[[0-9a-f:.]+\]|(?:[\p{L}\p{N}._~-]|%2f)*)(?::\d{1,5})?$/iu;

const SSL_MODES = ["disable", "no-verify", "prefer", "require", "verify-ca", "verify-full"];
const SSL_MODE = /([?&]sslmode=)([^&#]*)/g;
const AS_LIBPQ = /[?&]uselibpqcompat=true(?=&|#|$)/;

/**
 * The servers that a connection string names; several are set off by commas, as libpq has it
 * (`postgres://user@one,two:5433/app`). The one that takes writes is used.
 * @throws ConfigurationError, which does not repeat it: what is wrong with it may have put the password anywhere.
 */
export function parseHosts(url: string): readonly [Host, ...Host[]] {
  const { scheme, user, hosts, shownPath, tail } = partsOf(splitSchema(url).url);
  const [first, ...others] = hosts.map((host) => ({
    url: `${scheme}${user}${host}${withPlainSslMode(tail)}`,
    label: `${host || "of the default socket"}${shownPath}`,
  }));
  if (!first) throw unreadable();
  return [first, ...others];
}

/**
 * A connection string without user, password and parameters, but for the schema.
 * @throws ConfigurationError
 */
export function withoutSecrets(url: string): string {
  const { url: plain, schema } = splitSchema(url);
  const { scheme, hosts, shownPath } = partsOf(plain);
  return `${scheme}${hosts.join(",")}${shownPath}${schema === undefined ? "" : `?schema=${schema}`}`;
}

function partsOf(url: string): Parts {
  const [, scheme = "", user = "", authority = "", path = "", parameters = ""] = URL_PARTS.exec(url) ?? [];
  const hosts = authority.split(",");
  const isReadable =
    scheme !== "" &&
    isUser(user) &&
    hosts.every((host) => HOST.test(host) && URL.canParse(`postgres://${host || "localhost"}${path}`)) &&
    unescaped(path) !== undefined &&
    // most likely part of a password with a / ? or # in it, which ended the host
    !`${path}${parameters}`.includes("@");
  if (!isReadable) throw unreadable();
  const shownPath = unescaped(path)?.includes("@") ? "" : path.trimEnd();
  return { scheme, user, hosts, shownPath, tail: `${path}${parameters}` };
}

function isUser(user: string): boolean {
  const [name = "", ...password] = user.slice(0, -1).split(":");
  const isOne = unescaped(name)?.includes(":") === false; // else what follows it is a password, and servers repeat names
  return isOne && unescaped(password.join(":")) !== undefined;
}

function unescaped(text: string): string | undefined {
  try {
    // a % that escapes nothing stands for itself, as it does for node-postgres
    return decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, "%25"));
  } catch {
    return undefined;
  }
}

function unreadable(): ConfigurationError {
  return new ConfigurationError(
    "the database's connection string cannot be read (it is not repeated here, since it may hold a password); " +
      "write postgres://user:password@host:5432/name, several hosts with commas between, and in user and password " +
      "@ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25",
  );
}

/**
 * node-postgres treats prefer, require and verify-ca as verify-full, and prints a page of warnings about it; this asks for the same without
 * the warnings.
 */
function withPlainSslMode(tail: string): string {
  return tail.replace(SSL_MODE, (_, name: string, mode: string) => {
    if (!SSL_MODES.includes(mode)) {
      throw new ConfigurationError(
        `the sslmode in the database's connection string is invalid; it takes ${SSL_MODES.join(", ")}`,
      );
    }
    const isAlias = ["prefer", "require", "verify-ca"].includes(mode) && !AS_LIBPQ.test(tail);
    return `${name}${isAlias ? "verify-full" : mode}`;
  });
}
