import { ConfigurationError } from "../../core/errors.ts";

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/**
 * The bytes of a size such as `1MiB`, `10GiB`, `500kB` or plain `65536`, rounded.
 * @throws ConfigurationError when it is not a size, or not above 0.
 */
export function parseByteSize(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(amount) * (UNIT_BYTES[(unit || "B").toUpperCase()] ?? Number.NaN));
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new ConfigurationError(
    `${JSON.stringify(text)} is not a size; write it like 65536, 512KiB, 1MiB or 10GiB`,
  );
}
