import { ConfigurationError } from "./errors.ts";

/**
 * What a Posthorn keeps under one of its own symbols: for its own surfaces (the API, the test kit, the benchmark), not for programs.
 * The symbols are registered, so that every copy of this package finds it.
 * @throws ConfigurationError for anything that neither `openPosthorn` nor `openTestPosthorn` made.
 */
export function innerPart<Part>(posthorn: object, symbol: symbol): Part {
  const part: unknown = Object(posthorn)[symbol]; // without types, it may be null
  if (part) return part as Part; // nothing else has these symbols
  throw new ConfigurationError("this is not a Posthorn; pass what openPosthorn returned");
}
