import { randomInt } from "node:crypto";
import type { Delivery } from "../support/receiver.ts";

/** How a receiver answers, unless its answers are kept back for a while. */
export class Answers {
  readonly #judge: (delivery: Delivery) => void;
  #keptBack: Delivery[] | undefined;

  constructor(judge: (delivery: Delivery) => void) {
    this.#judge = judge;
  }

  readonly judge = (delivery: Delivery): void => {
    if (this.#keptBack) this.#keptBack.push(delivery);
    else this.#judge(delivery);
  };

  /** From now on: those that wait for their answers, in a list that grows. */
  keepBack(): readonly Delivery[] {
    this.#keptBack ??= [];
    return this.#keptBack;
  }

  goOn(): void {
    const keptBack = this.#keptBack ?? [];
    this.#keptBack = undefined;
    for (const delivery of keptBack) this.#judge(delivery);
  }
}

/** Most at once, some a little later, so that a fault finds deliveries in every stage. */
export function answerSoon(delivery: Delivery): void {
  if (randomInt(4) > 0) delivery.answer(200);
  else setTimeout(() => delivery.answer(200), randomInt(200));
}
