import type { FieldProblem } from "../../../core/errors.ts";

export type Path = FieldProblem["path"];

/** `all`, `any` and `not` within each other, the filter itself included. */
const DEEPEST = 8;
/** One event may meet ten thousand filters while its sender waits. */
const MOST_CONDITIONS = 64;

/** What is found while a filter is read: what is wrong with it, and how large it is. */
export class FilterReading {
  readonly problems: FieldProblem[] = [];
  readonly #root: Path;
  #conditions = 0;

  constructor(root: Path) {
    this.#root = root;
  }

  /** Stands in for what is wrong; a filter with a problem is never used. */
  refuse(path: Path, detail: string): () => false {
    this.problems.push({ path, detail });
    return () => false;
  }

  countCondition(): void {
    this.#conditions++;
    if (this.#conditions === MOST_CONDITIONS + 1)
      this.refuse(this.#root, `must have at most ${MOST_CONDITIONS} conditions`);
  }

  /** Whether this level may still be read. */
  isWithinDepth(depth: number, path: Path): boolean {
    if (depth <= DEEPEST) return true;
    this.refuse(path, `is nested too deeply: at most ${DEEPEST} levels of all, any and not`);
    return false;
  }
}
