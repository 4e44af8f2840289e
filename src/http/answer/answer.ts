type Headers = Readonly<Record<string, string>>;

/** A JSON answer. No cache may keep it, and no browser may guess its type. */
export function json(status: number, value: unknown, headers?: Headers): Response {
  return jsonText(status, JSON.stringify(value), headers);
}

/** In characters. Longer answers are sent piece by piece. */
const LARGE = 262_144;

const largeTexts = new WeakMap<Response, string>();

/** The text of a large answer. */
export function largeTextOf(answer: Response): string | undefined {
  return largeTexts.get(answer);
}

/** `json` from a finished string. Headers are one plain object, which `@hono/node-server` writes out as it is. */
export function jsonText(status: number, text: string, headers?: Headers): Response {
  const answer = shortText(status, text, headers);
  if (text.length > LARGE) largeTexts.set(answer, text);
  return answer;
}

function shortText(status: number, text: string, headers?: Headers): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

/**
 * 202 with the job's id and address. By far the most frequent answer, so its headers are built in one go.
 * @param path below which the job is looked up.
 */
export function queued(path: string, jobId: string, headers?: Headers): Response {
  const location = `${path}/${jobId}`;
  const text = `{"job_id":"${jobId}","status":"queued"}`; // an id needs no escapes
  if (headers) return jsonText(202, text, { location, ...headers });
  return new Response(text, {
    status: 202,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      location,
    },
  });
}

/** An answer with headers only. */
export function empty(status: number, headers?: Headers): Response {
  return new Response(null, {
    status,
    headers: { "content-length": "0", "cache-control": "no-store", ...headers },
  });
}

export function noContent(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
}
