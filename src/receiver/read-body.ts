/** The part of a `fetch`, Hono or Next.js request that is used here. */
export interface WebRequest {
  readonly method: string;
  readonly headers: { get(name: string): string | null };
  readonly body: WebStream | null;
  readonly bodyUsed: boolean;
}

interface WebStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<unknown>;
  };
}

/** The part of a `node:http` or Express request that is used here. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As `express.raw()` leaves it. */
  readonly body?: unknown;
  /** Where some parsers keep the original bytes. */
  readonly rawBody?: unknown;
  readonly readableEnded?: boolean;
}

const PARSED_BEFORE =
  "the body was read before its signature could be checked, which needs its bytes as they came: register the receiver " +
  "before what parses bodies (express.json()), or let that keep them (express.raw(), verify: (req, _res, buffer) => { req.rawBody = buffer; }, " +
  "or in NestJS NestFactory.create(AppModule, { rawBody: true }))";

/** The bytes as they arrived; undefined if there are too many. @throws TypeError if they were read before. */
export async function bytesOfWeb(request: WebRequest, most: number): Promise<Uint8Array | undefined> {
  if (request.bodyUsed) throw new TypeError(PARSED_BEFORE);
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done || !value) return joined(chunks);
    length += value.length;
    chunks.push(value);
    if (length > most) {
      await reader.cancel();
      return undefined;
    }
  }
}

/** The same of Node's requests. */
export async function bytesOfNode(request: NodeRequest, most: number): Promise<Uint8Array | undefined> {
  const { rawBody, body } = request;
  for (const kept of [rawBody, body]) {
    if (kept instanceof Uint8Array) return kept.length > most ? undefined : kept;
    if (typeof kept === "string") return new TextEncoder().encode(kept);
  }
  if (request.readableEnded === true) throw new TypeError(PARSED_BEFORE);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    // read to its end all the same, because a connection that is cut off gets no answer
    if (length <= most) chunks.push(chunk);
  }
  return length > most ? undefined : joined(chunks);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first && chunks.length === 1) return first;
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
