interface Started {
  readonly started_at: string;
  readonly version: string;
  readonly draining: boolean;
}

/** When the living workers of the newest version began to start: a deploy replaces them one by one, and more may have started since. */
export function lastDeploy(
  workers: readonly Started[],
): { readonly at: string; readonly version: string } | undefined {
  const living = workers
    .filter(({ draining }) => !draining)
    .sort((one, other) => (one.started_at < other.started_at ? -1 : 1));
  const version = living.at(-1)?.version;
  const first = living.find((worker) => worker.version === version);
  return first && { at: first.started_at, version: first.version };
}
