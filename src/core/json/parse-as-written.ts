/**
 * What `JSON.parse` gives, except for numbers that a double does not hold: each is what `JSON.stringify` writes as it was
 * written, so that what is shown, and given back, is what was kept.
 */
export function parseAsWritten(text: string): unknown {
  if (rawJson === undefined || !INEXACT.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) => {
    const source = typeof value === "number" ? context?.source : undefined;
    return source !== undefined && INEXACT.test(source) && JSON.stringify(value) !== source
      ? rawJson(source)
      : value;
  });
}

/** 15 digits, and no more, are still the same after they were a double (IEEE 754). */
const INEXACT = /[\d.]{16}|\d[eE]/;

/** Of ECMAScript's JSON.parse source text access, which every Node that runs this has, and TypeScript does not know. */
const { rawJSON: rawJson } = JSON as { readonly rawJSON?: (text: string) => unknown };
