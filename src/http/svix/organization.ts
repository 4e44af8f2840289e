/** The organization in tokens of Svix's servers, unless configured otherwise. */
export const DEFAULT_ORGANIZATION = "org_23rb8YdGqMT0qIzpgGwdXfHirMu";

/** With fewer characters tokens could be forged. */
export const SHORTEST_JWT_SECRET = 8;
