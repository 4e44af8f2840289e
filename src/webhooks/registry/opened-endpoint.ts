import type { ClientCertificate } from "../auth/client-certificate.ts";
import type { TokenOwner } from "../auth/endpoint-tokens.ts";
import type { SigningKey } from "../signing/signing-key.ts";

/** What an endpoint keeps sealed, opened and ready to send with. */
export interface OpenedEndpoint {
  /** Newest first. */
  readonly keys: readonly TimedKey[];
  readonly headers: Readonly<Record<string, string>>;
  readonly access: Access | undefined;
}

export interface TimedKey {
  readonly key: SigningKey;
  /** It signs until then; null for the current one. */
  readonly until: number | null;
}

/** What an endpoint asks of a sender that is not a header known beforehand. */
export type Access =
  | { readonly kind: "token"; readonly owner: TokenOwner }
  | { readonly kind: "certificate"; readonly certificate: ClientCertificate };
