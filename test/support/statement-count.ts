import { StatementSync } from "node:sqlite";
import { mock, type TestContext } from "node:test";

/** The SQL of every statement that this process runs, until the test ends. */
export class StatementCount {
  readonly ran: string[] = [];

  constructor(t: TestContext) {
    const { ran } = this;
    for (const way of ["run", "get", "all"] as const) {
      const original = StatementSync.prototype[way];
      const counted = function (this: StatementSync, ...values: unknown[]) {
        ran.push(this.sourceSQL);
        return Reflect.apply(original, this, values);
      };
      // the three differ in nothing but what they return, which is the original's own
      const spy = mock.method(StatementSync.prototype, way, counted as never);
      t.after(() => spy.mock.restore());
    }
  }

  /** Those of `work`, which is awaited. */
  async of(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.ran.length;
    await work();
    return this.ran.slice(before);
  }
}
