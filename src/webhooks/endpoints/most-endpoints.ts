/** Of one tenant: matching an event against them takes some milliseconds. */
export const MOST_ENDPOINTS = 20_000;
