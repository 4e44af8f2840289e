import type { SecretBox } from "../../secrets/secret-box.ts";
import type { SecretShelf } from "../../store/shelves/secrets.ts";
import { newSecret } from "./signing-key.ts";

const NAME = "webhook-signing";

/** Whether the database holds a server's secret, sealed with some key. */
export async function hasServerSecret(shelf: SecretShelf): Promise<boolean> {
  return (await shelf.get(NAME)) !== undefined;
}

/**
 * The secret, `whsec_…`, that signs every delivery without one of its own. Made at the first start and kept, sealed;
 * several processes that start at the same time all get the one that was kept.
 * @throws ConfigurationError when the master key is not the one it was sealed with.
 */
export async function openServerSecret(shelf: SecretShelf, box: SecretBox): Promise<string> {
  const kept = (await shelf.get(NAME)) ?? (await shelf.putOnce(NAME, box.seal(newSecret(), NAME)));
  return box.unseal(kept, NAME);
}
