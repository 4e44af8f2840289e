/**
 * How much work the check of one payload may take, in steps of some ten nanoseconds. It is counted, because a schema of a few lines
 * can ask for more than any machine has: two references to itself double the work with each level of the payload.
 */
export class CheckingBudget {
  #left = Number.POSITIVE_INFINITY;

  grant(steps: number): void {
    this.#left = steps;
  }

  /** @throws BudgetSpent */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetSpent("the check takes too many steps");
  }
}

export class BudgetSpent extends Error {}
