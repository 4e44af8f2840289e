import { readFileSync } from "node:fs";

// one folder up from here in the sources and in the built package alike
const manifest: { version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

/** The version of this package. */
export const VERSION = manifest.version;
