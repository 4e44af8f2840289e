import { InvalidInputError } from "../../core/errors.ts";

/** What a secret of this length is shown as. */
export function standIn(length: number): string {
  return `•••• ${length} ${length === 1 ? "char" : "chars"}`;
}

/** Parts of names that secrets have, by themselves or among other words: `apiKey`, `x-api-key`, `user_password`. */
const SECRET_WORDS = [
  ...["password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "authorization", "cookie"],
  ...["privatekey", "accesskey", "credential", "credentials", "signature", "jwt", "bearer", "otp", "pin"],
  ...["ssn", "iban", "cvv", "cvc", "cardnumber", "creditcard", "accountnumber"],
];
/** They say little by themselves, so they count only as a whole word. */
const WHOLE = /^(?:pwd|jwt|otp|pin|ssn|iban|cvv|cvc)$/;

/** Whether a key, or a header, with this name holds a secret. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const joined = words.join("");
  return SECRET_WORDS.some((secret) =>
    WHOLE.test(secret) ? words.includes(secret) : joined.includes(secret),
  );
}

const PATH = /^(?:\$|\*\*)(?:\.[^.[\]\s]+|\[(?:\d+|\*)\])+$/;

/** Which members of payloads and results are secret. */
export class RedactionPaths {
  readonly #paths: readonly (readonly string[])[];

  /**
   * @param paths besides the names that secrets have: `$.customer.email` from the root, `**.street` wherever it is; `*` stands for any one
   * key or index.
   * @throws InvalidInputError naming the one that is wrong.
   */
  constructor(paths: readonly string[] = []) {
    this.#paths = paths.map((path, at) => {
      if (typeof path !== "string" || !PATH.test(path))
        throw new InvalidInputError([
          { path: ["redact", at], detail: "must be a path such as $.customer.email or **.street" },
        ]);
      return path.replace(/\[(\d+|\*)\]/g, ".$1").split(".");
    });
  }

  /** Whether this member of what was sent is secret. */
  covers(path: readonly string[]): boolean {
    return isSecretName(path.at(-1) ?? "") || this.#paths.some((wanted) => fits(wanted, path));
  }
}

function fits([root, ...wanted]: readonly string[], path: readonly string[]): boolean {
  const from = path.length - wanted.length;
  if (from < 0 || (root === "$" && from > 0)) return false;
  return wanted.every((key, at) => key === "*" || key === path[from + at]);
}
