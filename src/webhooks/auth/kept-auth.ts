import type { SecretBox } from "../../secrets/secret-box.ts";
import type { AuthSecret, ReadAuth, ShownAuth } from "./auth-options.ts";

/** As it stands in an endpoint's row: what may be shown, and the rest sealed. */
export type KeptAuth = ShownAuth & { readonly sealed: string };

export function sealAuth(box: SecretBox, endpoint: string, { shown, secret }: ReadAuth): string {
  const sealed = box.seal(JSON.stringify(secret), authContext(endpoint));
  return JSON.stringify({ ...shown, sealed } satisfies KeptAuth);
}

/** @throws ConfigurationError when it was sealed with another master key. */
export function openAuth(box: SecretBox, endpoint: string, kept: string): ReadAuth {
  const { sealed, shown } = parsed(kept);
  return { shown, secret: JSON.parse(box.unseal(sealed, authContext(endpoint))) as AuthSecret }; // likewise
}

export function shownAuth(kept: string | null): ShownAuth | null {
  return kept === null ? null : parsed(kept).shown;
}

function parsed(kept: string): { readonly sealed: string; readonly shown: ShownAuth } {
  const { sealed, ...shown } = JSON.parse(kept) as KeptAuth; // only `sealAuth` writes it
  // in JSON, a moment is a string
  return {
    sealed,
    shown: shown.kind === "mtls" ? { ...shown, expiresAt: new Date(shown.expiresAt) } : shown,
  };
}

/** The name of the header that it sends, in lower case; undefined if it sends none. */
export function headerOf(shown: ShownAuth): string | undefined {
  if (shown.kind === "mtls") return undefined;
  return shown.kind === "header" ? shown.name.toLowerCase() : "authorization";
}

export function authContext(endpoint: string): string {
  return `auth of endpoint ${endpoint}`;
}
