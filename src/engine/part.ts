/** A part of the engine that works by itself between its start and its stop. Stopping a part that was never started does nothing. */
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
