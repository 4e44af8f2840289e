/** Newest first, and no more than this many of each endpoint. */
export function byEndpoint<Attempt extends { readonly endpoint_id: string }>(
  newestFirst: readonly Attempt[],
  most: number,
): ReadonlyMap<string, readonly Attempt[]> {
  const found = new Map<string, Attempt[]>();
  for (const attempt of newestFirst) {
    const own = found.get(attempt.endpoint_id) ?? [];
    if (own.length < most) own.push(attempt);
    found.set(attempt.endpoint_id, own);
  }
  return found;
}
