import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { ConfigurationError } from "../core/errors.ts";
import { decodeMasterKeys } from "./master-key.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Names the format of what follows, so that another cipher can be added next to this one. */
const FORM = "v1.";

/** Seals secrets that are kept in the database, with AES-256-GCM. */
export class SecretBox {
  readonly #key: KeyObject;
  /** With the one that seals first. */
  readonly #keys: readonly KeyObject[];

  private constructor(keys: readonly [KeyObject, ...KeyObject[]]) {
    this.#key = keys[0];
    this.#keys = keys;
  }

  /**
   * @param masterKey base64 of 32 bytes; or several with commas between: the first seals, all of them open.
   * @throws ConfigurationError when it is not that.
   */
  static open(masterKey: string): SecretBox {
    const [first, ...others] = decodeMasterKeys(masterKey, "the master key");
    return new SecretBox([createSecretKey(first), ...others.map((each) => createSecretKey(each))]);
  }

  /**
   * @param context what the secret belongs to; it opens only there, so a sealed secret moved to another row is useless.
   * @returns `v1.` and base64url of nonce ‖ ciphertext ‖ tag.
   */
  seal(plain: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([nonce, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return FORM + sealed.toString("base64url");
  }

  /** @throws ConfigurationError when it was sealed with another master key or for another context, or was damaged. */
  unseal(sealed: string, context: string): string {
    if (!isSealed(sealed))
      throw new ConfigurationError(
        "a stored secret has a format that this version of Posthorn does not know",
      );
    const bytes = bytesOf(sealed);
    let cause: unknown;
    for (const key of this.#keys) {
      try {
        return unsealed(bytes, key, context);
      } catch (error) {
        cause = error;
      }
    }
    throw new ConfigurationError(
      "a secret in the database cannot be decrypted with this master key; start with the POSTHORN_MASTER_KEY, or the key" +
        " file next to the database, that it was encrypted with",
      { cause },
    );
  }

  /**
   * The same sealed with the key that seals now; undefined where it is already.
   * @throws ConfigurationError as `unseal` does.
   */
  resealed(sealed: string, context: string): string | undefined {
    const plain = this.unseal(sealed, context);
    try {
      unsealed(bytesOf(sealed), this.#key, context);
      return undefined;
    } catch {
      return this.seal(plain, context);
    }
  }
}

/** Whether it has the form of what `seal` returns, whatever its key. */
export function isSealed(text: string): boolean {
  return text.startsWith(FORM) && bytesOf(text).length >= NONCE_BYTES + TAG_BYTES;
}

function bytesOf(sealed: string): Buffer {
  return Buffer.from(sealed.slice(FORM.length), "base64url");
}

function unsealed(bytes: Buffer, key: KeyObject, context: string): string {
  const end = bytes.length - TAG_BYTES;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(end));
  return decipher.update(bytes.subarray(NONCE_BYTES, end), undefined, "utf8") + decipher.final("utf8");
}
