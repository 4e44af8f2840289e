/** Resolves when `linger` begins in this thread. */
export const neighbour = Promise.withResolvers<void>();
