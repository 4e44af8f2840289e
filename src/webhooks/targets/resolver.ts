/** Finds the addresses of a host name. */
export interface Resolver {
  /** All of them, at least one. Rejects with an error that has a `code` (`ENOTFOUND`, `ETIMEOUT`, …) when none is known. */
  resolve(host: string): Promise<readonly string[]>;
}
