import { ConfigurationError } from "../../core/errors.ts";
import type { MasterKeyState } from "../../engine/doctor/finding.ts";
import type { SecretBox } from "../../secrets/secret-box.ts";
import type { SecretShelf } from "../../store/shelves/secrets.ts";
import { hasServerSecret, openServerSecret } from "./server-secret.ts";

/**
 * Whether the master key decrypts the stored secrets.
 * @param box made of the key; only asked for when it is needed.
 */
export async function masterKeyState(
  shelf: SecretShelf,
  box: () => SecretBox | Promise<SecretBox>,
): Promise<MasterKeyState> {
  if (!(await hasServerSecret(shelf))) return { state: "unneeded" };
  try {
    await openServerSecret(shelf, await box());
    return { state: "usable" };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { state: "unusable", problem: error.message };
  }
}
