/** Svix's servers make their tokens for this organization unless they are told otherwise. */
export const DEFAULT_ORGANIZATION = "org_23rb8YdGqMT0qIzpgGwdXfHirMu";

/** With fewer characters tokens could be forged. */
export const SHORTEST_JWT_SECRET = 8;
