/** A request that was refused, or did not get through; its message is for people to read. */
export class ApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly detail: string;
  }[];
}

/** The API of the server that the page comes from. */
export class Api {
  readonly #root: string;
  readonly #headers: () => Readonly<Record<string, string>>;

  /** @param root of its paths, without a slash at the end. */
  constructor(root: string, headers: () => Readonly<Record<string, string>>) {
    this.#root = root;
    this.#headers = headers;
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  /** @throws ApiError */
  async send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = { ...this.#headers(), ...(body !== undefined && { "content-type": "application/json" }) };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const answer = await fetch(this.#root + path, init).catch(() => {
      throw new ApiError("The server cannot be reached. Nothing was changed; try again in a moment.", 0);
    });
    if (answer.status === 204) return undefined as Answer; // such an answer is asked for with no type
    const text = await answer.text();
    if (!answer.ok) throw new ApiError(toldBy(text, answer.status), answer.status);
    return JSON.parse(text) as Answer; // as the API's description says
  }
}

function toldBy(text: string, status: number): string {
  try {
    const { detail, title, errors = [] } = JSON.parse(text) as Problem;
    const fields = errors.map((each) =>
      `${fieldOf(each.pointer ?? each.parameter ?? "")} ${each.detail}`.trim(),
    );
    return fields.length > 0 ? fields.join("; ") : (detail ?? title ?? `The server answered ${status}.`);
  } catch {
    return `The server answered ${status}.`;
  }
}

function fieldOf(pointer: string): string {
  return pointer.replace(/^#?\//, "").replaceAll("/", ".");
}
