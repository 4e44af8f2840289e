/** Something for tests to wait for, and to open. */
export class Gate {
  isOpen = false;
  readonly #opening = Promise.withResolvers<void>();

  get opened(): Promise<void> {
    return this.#opening.promise;
  }

  open(): void {
    this.isOpen = true;
    this.#opening.resolve();
  }
}
