/** Something that the handlers of some tasks need besides a slot, and that there is less of: threads. */
export class Pool {
  readonly size: number;
  /** Handlers that have it now. */
  taken = 0;

  constructor(size: number) {
    this.size = size;
  }

  get room(): number {
    return Math.max(0, this.size - this.taken);
  }
}
