const LINE_FEED = 0x0a;

export interface Line {
  readonly text: string;
  /** The offset of the byte after it. */
  readonly end: number;
  /** Whether it ends with a line feed; the last line may have been cut off. */
  readonly isWhole: boolean;
}

/** The lines of a stream. Only a line feed ends one: JSON may contain the other characters that end lines elsewhere. */
export async function* linesOf(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<Line> {
  let pending: Buffer[] = [];
  let end = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      pending.push(bytes.subarray(from, at));
      const line = Buffer.concat(pending);
      pending = [];
      from = at + 1;
      end += line.length + 1;
      yield { text: line.toString("utf8"), end, isWhole: true };
    }
    if (from < bytes.length) pending.push(bytes.subarray(from));
  }
  const rest = Buffer.concat(pending);
  if (rest.length > 0) yield { text: rest.toString("utf8"), end: end + rest.length, isWhole: false };
}
