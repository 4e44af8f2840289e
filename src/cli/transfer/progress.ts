import { type Output, printJson } from "../terminal/io.ts";

const BAR = 24;
/** How often a bar is redrawn; plain lines come at each tenth. */
const REDRAW_MS = 100;

/** Shows how far an export or an import has come: a bar on a terminal, otherwise a line at each tenth. */
export class TransferProgress {
  readonly #output: Output;
  readonly #verb: string;
  readonly #total: number;
  readonly #json: boolean;
  #done = 0;
  #tenth: number;
  #drawnAt = Number.NEGATIVE_INFINITY;

  /** @param done what an earlier run did. */
  constructor(output: Output, verb: "exported" | "imported", total: number, json: boolean, done = 0) {
    this.#output = output;
    this.#verb = verb;
    this.#total = total;
    this.#json = json;
    this.#done = done;
    this.#tenth = this.#tenths();
  }

  add(records: number): void {
    this.#done += records;
    if (this.#output.isTTY && !this.#json) this.#draw();
    else this.#tell();
  }

  /** Moves past the line of the bar. */
  end(): void {
    if (this.#drawnAt > 0) this.#output.write("\r\x1b[K");
  }

  #draw(): void {
    if (performance.now() - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = performance.now();
    const share = this.#share();
    const full = Math.round(share * BAR);
    const bar = "█".repeat(full) + "░".repeat(BAR - full);
    this.#output.write(`\r${bar} ${Math.floor(share * 100)} %  ${this.#done} of ${this.#total}\x1b[K`);
  }

  #tell(): void {
    const tenths = this.#tenths();
    if (tenths === this.#tenth) return;
    this.#tenth = tenths;
    if (this.#json) printJson(this.#output, { progress: { [this.#verb]: this.#done, total: this.#total } });
    else this.#output.write(`${this.#verb} ${this.#done} of ${this.#total}\n`);
  }

  #tenths(): number {
    return Math.floor(this.#share() * 10);
  }

  /** A source that grows meanwhile may hold more than was counted. */
  #share(): number {
    return this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total);
  }
}
