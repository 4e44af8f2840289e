import type { BackgroundWork } from "./background-work.ts";
import { Fifo } from "./fifo.ts";

/** What one request added: run in the order in which it was added, one after the other. */
export class BackgroundLine extends Fifo<BackgroundWork> {
  /** It waits for its turn, or one of its own runs. */
  isUnderWay = false;
}
