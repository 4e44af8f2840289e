/**
 * Where measurements that run at the same time wait for each other: to begin the load together, and to stop nothing while another is still
 * measured. One by itself waits for nobody.
 */
export class Meeting {
  #members: number;
  #arrived: (() => void)[] = [];

  constructor(members: number) {
    this.#members = members;
  }

  /** Resolves once all who have not left are here. */
  all(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrived.push(resolve);
      this.#look();
    });
  }

  /** One that has ended, or gone wrong, keeps nobody waiting. */
  leave(): void {
    this.#members--;
    this.#look();
  }

  #look(): void {
    if (this.#arrived.length < this.#members) return;
    for (const go of this.#arrived.splice(0)) go();
  }
}
