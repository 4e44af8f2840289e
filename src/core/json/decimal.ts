/** A JSON number by its digits, as it was written: doubles take 9007199254740993 and 9007199254740992 for the same. */
export class Decimal {
  /** As it was written. */
  readonly text: string;
  readonly #sign: -1 | 0 | 1;
  /** Without zeros at either end: the value is ±0.digits × 10^point. */
  readonly #digits: string;
  /** NaN for an exponent that cannot be added to; such a number compares with nothing. */
  readonly #point: number;

  /** @param text as the grammar of JSON has it, RFC 8259 §6. */
  constructor(text: string) {
    this.text = text;
    const [, minus = "", whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
    const digits = whole + fraction;
    const start = firstOther(digits, "0");
    this.#digits = digits.slice(start, lastOther(digits, "0") + 1);
    this.#point = whole.length - start + exponentOf(exponent);
    if (this.#digits === "") this.#sign = 0;
    else this.#sign = minus === "" ? 1 : -1;
  }

  /** Below 0, 0 or above 0, as this is less than the other, equal or greater; NaN when that cannot be said. */
  compare(other: Decimal): number {
    if (this.#sign !== other.#sign || this.#sign === 0) return this.#sign - other.#sign;
    if (this.#point !== other.#point) return (this.#point - other.#point) * this.#sign;
    if (this.#digits === other.#digits) return 0;
    return this.#digits < other.#digits ? -this.#sign : this.#sign; // decimal places in order, as strings are
  }
}

/** Compares what `parseExactly` gives for numbers, as `Decimal.compare` does. */
export function compareNumbers(a: number | Decimal, b: number | Decimal): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return decimalOf(a).compare(decimalOf(b));
}

function decimalOf(number: number | Decimal): Decimal {
  return typeof number === "number" ? new Decimal(String(number)) : number;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Past this, sums of exponents and lengths would not be exact. */
const LONGEST_EXPONENT = 15;

function exponentOf(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = /^[+-]/.test(text) ? text.slice(1) : text;
  const significant = digits.slice(firstOther(digits, "0"));
  return significant.length > LONGEST_EXPONENT ? Number.NaN : sign * Number(significant);
}

/** Loops, because a regular expression for zeros at the end would take quadratic time. */
function firstOther(text: string, character: string): number {
  let at = 0;
  while (at < text.length && text[at] === character) at++;
  return at;
}

function lastOther(text: string, character: string): number {
  let at = text.length - 1;
  while (at >= 0 && text[at] === character) at--;
  return at;
}
