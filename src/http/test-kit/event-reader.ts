import assert from "node:assert/strict";

export interface ReadEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Reads server-sent events one by one, as a browser does, and keeps the comments and hints between them. */
export class EventReader {
  readonly comments: string[] = [];
  retryMs: number | undefined;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(answer: Response) {
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    assert.ok(answer.body);
    this.#chunks = answer.body[Symbol.asyncIterator]();
  }

  /** The next event; undefined at the end of the stream. */
  async next(): Promise<ReadEvent | undefined> {
    for (;;) {
      const block = await this.#block();
      if (block === undefined) return undefined;
      const fields = new Map<string, string>();
      for (const line of block.split("\n")) {
        const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
        if (name === "") this.comments.push(value);
        else fields.set(name, value);
      }
      if (fields.has("retry")) this.retryMs = Number(fields.get("retry"));
      const data = fields.get("data");
      if (data !== undefined)
        return { id: fields.get("id") ?? "", event: fields.get("event") ?? "", data: JSON.parse(data) };
    }
  }

  /** All remaining events, once the stream has ended. */
  async rest(): Promise<ReadEvent[]> {
    const events: ReadEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  /** Reads once more, for a comment. */
  async comment(): Promise<string | undefined> {
    const block = await this.#block();
    return block?.startsWith(":") ? block.slice(1).trim() : undefined;
  }

  /** Goes away. */
  async cancel(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #block(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return block;
      }
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }
}
