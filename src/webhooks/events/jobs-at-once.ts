/** The transaction that accepts an event makes so many of its jobs, and so does each that goes on: more would hold others up. */
export const JOBS_AT_ONCE = 100;
