/** A request that was refused, or did not get through; its message is for people to read. */
export class ApiError extends Error {
  /** The status of the answer; 0 if none came. */
  readonly status: number;
  /** What is wrong in each field, where the server said so. */
  readonly fields: readonly FieldProblem[];

  constructor(message: string, status: number, fields: readonly FieldProblem[] = []) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

interface FieldProblem {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly detail: string;
}

/** As RFC 9457 has it. */
interface Problem {
  readonly detail?: string;
  readonly title?: string;
  /** What the server's log calls this request, for when somebody has to look there. */
  readonly instance?: string;
  readonly errors?: readonly FieldProblem[];
}

interface ApiOptions {
  /** Of its paths, without a slash at the end: empty, or `/background`. */
  readonly root: string;
  /** Sent with each request. */
  headers(): Readonly<Record<string, string>>;
  /** Told the status of each answer, and 0 if none came. */
  heard?(status: number): void;
}

interface Request {
  readonly method?: string;
  /** JSON, as it is sent. */
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The API of the server that the page comes from. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** @throws ApiError, as every method does; an aborted request throws what the browser throws. */
  get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    return this.sendText<Answer>(path, signal ? { signal } : {});
  }

  /** Asks for a change. */
  send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.sendText<Answer>(path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  /** As `send`, with JSON that somebody wrote: nothing in it is written another way. */
  async sendText<Answer>(path: string, request: Request): Promise<Answer> {
    const text = await this.text(path, request);
    return (text === "" ? undefined : JSON.parse(text)) as Answer; // as the API's description says
  }

  /** The answer as it was written. */
  async text(path: string, { signal, ...request }: Request = {}): Promise<string> {
    const { root, headers, heard } = this.#options;
    const answer = await fetch(root + path, {
      ...request,
      ...(signal && { signal }),
      headers: { ...headers(), ...(request.body !== undefined && { "content-type": "application/json" }) },
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      heard?.(0);
      throw new ApiError("The server cannot be reached. Try again in a moment.", 0);
    });
    heard?.(answer.status);
    const text = await answer.text();
    if (!answer.ok) throw refusedBy(text, answer.status);
    return text;
  }
}

/** Why a change was not made, and whether it may have been made all the same. */
export function refusal(thrown: unknown): string {
  if (!(thrown instanceof ApiError)) return thrown instanceof Error ? thrown.message : String(thrown);
  const isSure = thrown.status >= 400 && thrown.status < 500;
  return `${thrown.message} ${isSure ? "Nothing was changed." : "Check whether it was done before you try again."}`;
}

function refusedBy(text: string, status: number): ApiError {
  const { detail, title, instance, errors = [] } = problemOf(text);
  const fields = errors.map((each) =>
    `${fieldOf(each.pointer ?? each.parameter ?? "")} ${each.detail}`.trim(),
  );
  const told = fields.length > 0 ? fields.join("; ") : (detail ?? title ?? `The server answered ${status}.`);
  return new ApiError(instance === undefined ? told : `${told} (${instance})`, status, errors);
}

function problemOf(text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return {}; // a proxy in between has pages of its own
  }
}

function fieldOf(pointer: string): string {
  return pointer.replace(/^#?\//, "").replaceAll("/", ".");
}
