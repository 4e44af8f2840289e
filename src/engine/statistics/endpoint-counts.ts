import { bucketOf, C } from "../../observe/metrics/histogram.ts";

/** Where each number of an endpoint is, counted from its first one; how long attempts took is in the buckets of `C`, at the end. */
const [SUCCEEDED, FAILED, RETRIED, TOOK] = [0, 1, 2, 3];
const NUMBERS = TOOK + C.length + 1;
/** Endpoints whose numbers are in one array. */
const TOGETHER = 256;

/** Room for the numbers of many endpoints in few arrays: one for each of 10 000 endpoints takes the garbage collector milliseconds. */
export class Numbers {
  #array = new Uint32Array(0);
  #used = 0;

  /** The array with room for one endpoint more, and where in it that begins. */
  next(): readonly [array: Uint32Array, first: number] {
    if (this.#used === this.#array.length) {
      this.#array = new Uint32Array(TOGETHER * NUMBERS);
      this.#used = 0;
    }
    const first = this.#used;
    this.#used += NUMBERS;
    return [this.#array, first];
  }
}

/** How deliveries to one endpoint went in an hour, or to several together. */
export class EndpointCounts {
  /** Empty for several. */
  readonly lane: string;
  readonly #array: Uint32Array;
  readonly #first: number;
  /** Those that it is counted among, because it has no row of its own. */
  readonly others: EndpointCounts | undefined;
  /** Whether there is a row of it. */
  isWritten = false;
  /** Whether that row has to be written again. */
  isChanged = false;

  constructor(lane: string, numbers: Numbers, others?: EndpointCounts) {
    this.lane = lane;
    [this.#array, this.#first] = numbers.next();
    this.others = others;
  }

  get succeeded(): number {
    return this.#at(SUCCEEDED);
  }

  get failed(): number {
    return this.#at(FAILED);
  }

  get retried(): number {
    return this.#at(RETRIED);
  }

  /** How many attempts took how long, in the buckets of `C`. */
  get took(): readonly number[] {
    return [...this.#array.subarray(this.#first + TOOK, this.#first + NUMBERS)];
  }

  get attempts(): number {
    let all = 0;
    for (let at = TOOK; at < NUMBERS; at++) all += this.#at(at);
    return all;
  }

  success(durationMs: number): void {
    this.#count(SUCCEEDED);
    this.#count(TOOK + bucketOf(C, durationMs / 1_000));
    this.others?.success(durationMs);
  }

  failedAttempt(durationMs: number, isRetried: boolean): void {
    if (isRetried) this.#count(RETRIED);
    this.#count(TOOK + bucketOf(C, durationMs / 1_000));
    this.others?.failedAttempt(durationMs, isRetried);
  }

  /** Jobs that failed permanently. */
  failure(): void {
    this.#count(FAILED);
    this.others?.failure();
  }

  add(other: EndpointCounts): void {
    for (let at = 0; at < NUMBERS; at++) this.#count(at, other.#at(at));
  }

  #at(number: number): number {
    return this.#array[this.#first + number] ?? 0;
  }

  #count(number: number, more = 1): void {
    this.#array[this.#first + number] = this.#at(number) + more;
  }
}
