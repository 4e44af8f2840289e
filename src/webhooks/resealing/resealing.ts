import { setImmediate as nextTurn } from "node:timers/promises";
import { ConfigurationError } from "../../core/errors.ts";
import { readable } from "../../core/readable.ts";
import type { SecretBox } from "../../secrets/secret-box.ts";
import type { SealedPlace, SealedShelf, SealedText } from "../../store/shelves/sealed.ts";
import { parseDeliveryOptions } from "../accept/delivery-options.ts";
import { tokenContext } from "../auth/endpoint-tokens.ts";
import { authContext, type KeptAuth } from "../auth/kept-auth.ts";
import { headersOfEndpointContext, secretsOfEndpointContext } from "../endpoints/endpoint-secrets.ts";
import {
  deliveryContext,
  headersOfDeliveryContext,
  headersOfEventContext,
} from "../signing/delivery-secrets.ts";

export interface Resealed {
  /** How many were sealed with another key than the one that seals now. */
  readonly resealed: number;
  /** The location of values that no key decrypts, which stay as they are. */
  readonly unopened: readonly string[];
}

/** The encrypted values in a string, each with its context. */
type Find = (
  text: string,
  key: string,
) => readonly (readonly [sealed: string | null | undefined, context: string])[];

const AT_ONCE = 500;
/** The most passes. Each finds what others wrote during the one before; a pass that finds nothing is the last. */
const MOST_PASSES = 5;
const MOST_NAMED = 10;

const PLACES: Readonly<Record<SealedPlace, Find>> = {
  secrets: (text, name) => [[text, name]],
  endpointSecrets: (text, id) => [[text, secretsOfEndpointContext(id)]],
  endpointHeaders: (text, id) => [[text, headersOfEndpointContext(id)]],
  endpointAuth: (text, id) => [
    [readable(text, (json) => JSON.parse(json) as KeptAuth)?.sealed, authContext(id)],
  ],
  accessTokens: (text, endpoint) => [[text, tokenContext(endpoint)]],
  eventHeaders: (text, id) => [
    [readable(text, (json) => JSON.parse(json) as string), headersOfEventContext(id)],
  ],
  jobOptions: (text, id) => {
    if (!text.includes('"v1.')) return []; // nearly all
    const { secret, headers } = readable(text, parseDeliveryOptions) ?? {};
    return [
      [secret, deliveryContext(id)],
      [headers, headersOfDeliveryContext(id)],
    ];
  },
};

/**
 * Re-encrypts everything in the database with the current key. Each value is replaced by itself, if it has not changed since it was read,
 * so this can be interrupted at any time and repeated.
 */
export async function reseal(shelf: SealedShelf, box: SecretBox): Promise<Resealed> {
  let resealed = 0;
  for (let passes = 1; ; passes++) {
    const pass = await onePass(shelf, box);
    resealed += pass.resealed;
    if (pass.resealed === 0 || passes === MOST_PASSES) return { resealed, unopened: pass.unopened };
  }
}

async function onePass(shelf: SealedShelf, box: SecretBox): Promise<Resealed> {
  let resealed = 0;
  const unopened: string[] = [];
  for (const place of Object.keys(PLACES) as SealedPlace[]) {
    for (let after: string | null = null, hasMore = true; hasMore; ) {
      const some: SealedText[] = await shelf.list(place, after, AT_ONCE);
      const changes = some.flatMap((was) => {
        try {
          const text = textResealed(place, was, box);
          return text === null || text === was.text ? [] : [{ was, text }];
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
          if (unopened.length < MOST_NAMED) unopened.push(`${place} of ${was.key}`);
          return [];
        }
      });
      if (changes.length > 0) await shelf.replace(place, changes);
      resealed += changes.length;
      after = some.at(-1)?.key ?? null;
      hasMore = some.length === AT_ONCE;
      await nextTurn();
    }
  }
  return { resealed, unopened };
}

/** @throws ConfigurationError when something in it does not open. */
function textResealed(place: SealedPlace, { key, text }: SealedText, box: SecretBox): string | null {
  if (text === null) return null;
  let now = text;
  for (const [sealed, context] of PLACES[place](text, key)) {
    const other = sealed ? box.resealed(sealed, context) : undefined;
    if (sealed && other !== undefined) now = now.replace(sealed, other);
  }
  return now;
}
