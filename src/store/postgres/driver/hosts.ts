import { ConfigurationError } from "../../../core/errors.ts";

/** One server of a connection string. */
export interface Host {
  /** A connection string of its own. */
  readonly url: string;
  /** For messages: host, port and database, never user or password. */
  readonly label: string;
}

const URL_PARTS = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^/?#]*)(.*)$/s;

/**
 * The servers that a connection string names; several are set off by commas, as libpq has it
 * (`postgres://user@one,two:5433/app`). The one that takes writes is used.
 * @throws ConfigurationError
 */
export function parseHosts(url: string): readonly [Host, ...Host[]] {
  const [, head = "", authority = "", tail = ""] = URL_PARTS.exec(url) ?? [];
  const hosts = authority.split(",").map((each) => ({
    url: `${head}${each}${tail}`,
    label: `${each || "of the default socket"}${tail.replace(/[?#].*$/s, "")}`,
  }));
  const [first, ...others] = hosts;
  if (!first || head === "" || !hosts.every(isReadable)) {
    throw new ConfigurationError(
      "the database is no PostgreSQL connection string; write postgres://user:password@host:5432/name, several hosts with commas between",
    );
  }
  return [first, ...others];
}

/** node-postgres would take what it cannot read for a file's name. */
function isReadable({ url }: Host): boolean {
  return URL.canParse(url.replace(/^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)(?=[/?#]|$)/, "$1localhost"));
}
