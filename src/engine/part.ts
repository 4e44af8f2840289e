/** Something of the engine that goes on by itself from its start to its stop. To stop one that was never started does nothing. */
export interface Part {
  start(): Promise<void> | void;
  /** Resolves when nothing of it is under way any more. */
  stop(): Promise<void>;
}

/** In their order. */
export async function startAll(parts: readonly Part[]): Promise<void> {
  for (const part of parts) await part.start();
}

/** Those that were started last first. */
export async function stopAll(parts: readonly Part[]): Promise<void> {
  for (const part of [...parts].reverse()) await part.stop();
}
