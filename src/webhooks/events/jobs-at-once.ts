/** The transaction that accepts an event makes all its jobs, if they are no more than this: more would hold others up. */
export const JOBS_AT_ONCE = 100;

/** Of an event that has more, each transaction makes so many, the accepting one too: others are let in between two. */
export const JOBS_OF_A_STEP = 20;
