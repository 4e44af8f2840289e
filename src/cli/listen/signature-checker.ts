import { existsSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import { isPostgres } from "../../open-store.ts";
import { VerificationError, verify } from "../../receiver/verify.ts";
import { shownDatabase, verifyingSecretsOf } from "../database.ts";

export type SignatureCheck =
  | { readonly kind: "verified" }
  | { readonly kind: "refused"; readonly reason: string }
  /** There is no secret to check with. */
  | { readonly kind: "unchecked"; readonly reason: string };

export interface CheckerOptions {
  readonly secret: readonly string[];
  readonly database: string;
}

/** Checks signatures with the secrets given, or else with those of the server and the endpoints whose database is at hand. */
export class SignatureChecker {
  readonly #database: string;
  readonly #isFile: boolean;
  readonly #masterKey: string | undefined;
  readonly #isGiven: boolean;
  #secrets: readonly string[];

  /** @throws ConfigurationError when a given secret is malformed, or the database's name is neither path nor connection string. */
  constructor({ secret, database }: CheckerOptions, masterKey: string | undefined) {
    this.#isGiven = secret.length > 0;
    this.#secrets = secret;
    this.#database = database;
    this.#isFile = !isPostgres(database);
    shownDatabase(database); // so that a name that cannot be used is refused now, not at each request
    this.#masterKey = masterKey;
    for (const given of secret) refuseMalformed(given);
  }

  async check(body: Uint8Array, headers: IncomingHttpHeaders): Promise<SignatureCheck> {
    const check = this.#secrets.length === 0 ? undefined : this.#verified(body, headers);
    if (check?.kind === "verified" || (check && this.#isGiven)) return check;
    // looked for until they exist, so that receiver, server and endpoints may come in any order
    const missing = await this.#readSecrets();
    if (missing) return check ?? { kind: "unchecked", reason: missing };
    return this.#verified(body, headers);
  }

  #verified(body: Uint8Array, headers: IncomingHttpHeaders): SignatureCheck {
    try {
      verify(body, headers, this.#secrets);
      return { kind: "verified" };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      return { kind: "refused", reason: error.message };
    }
  }

  async #readSecrets(): Promise<string | undefined> {
    if (this.#isFile && !existsSync(this.#database))
      return `no --secret was given, and there is no database ${this.#database}`;
    try {
      this.#secrets = await verifyingSecretsOf(this.#database, this.#masterKey);
      return undefined;
    } catch (error) {
      return `no --secret was given, and the server's cannot be read: ${messageOf(error)}`;
    }
  }
}

function refuseMalformed(secret: string): void {
  try {
    verify("", {}, secret);
  } catch (error) {
    // with a well-formed secret, what is wrong is the missing headers
    if (error instanceof TypeError)
      throw new ConfigurationError(`--secret: ${error.message}`, { cause: error });
  }
}
