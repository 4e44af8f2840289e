import { gzipSync } from "node:zlib";
import type { Context } from "hono";
import { z } from "zod";
import type { BodyReader } from "../request/body.ts";
import { headerOf } from "../request/incoming.ts";
import { readJsonBody } from "../request/json-body.ts";
import { RequestError } from "../request/request-error.ts";
import type { ConsoleFiles } from "./console-files.ts";
import { consolePage } from "./console-page.ts";
import type { SignIn } from "./sign-in.ts";

/** As that of /docs, and no text becomes a script. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** Of the pages: `/console/endpoints/acme/ep_…` is the deepest. */
const PAGES = ["/console", "/console/{page}", "/console/{page}/{of}", "/console/{page}/{of}/{one}"];

const signInBody = z.strictObject({ key: z.string().max(200) });

/** One of the console's own addresses. They are for its pages, and not part of the API. */
export interface ConsoleRoute {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly needs: "none";
  readonly scope: "everyone";
  handle(c: Context): Response | Promise<Response>;
}

interface ConsoleParts {
  readonly signIn: SignIn;
  readonly bodies: BodyReader;
  readonly base: string;
}

export function consoleRoutes({ signIn, bodies, base }: ConsoleParts): readonly ConsoleRoute[] {
  const files = new ServedFiles(base);
  const open = { needs: "none", scope: "everyone" } as const;
  const pages = PAGES.map((path) => ({
    ...open,
    method: "GET" as const,
    path,
    handle: () => files.page(),
  }));
  return [
    { ...open, method: "GET", path: "/console/session", handle: (c) => signIn.session(c) },
    {
      ...open,
      method: "POST",
      path: "/console/session",
      async handle(c) {
        const { body } = await readJsonBody(c, bodies, signInBody);
        return signIn.begin(c, body.key);
      },
    },
    { ...open, method: "DELETE", path: "/console/session", handle: (c) => signIn.end(c) },
    { ...open, method: "GET", path: "/console/assets/{file}", handle: (c) => files.asset(c) },
    ...pages,
  ];
}

class ServedFiles {
  readonly #base: string;
  readonly #packed = new WeakMap<ConsoleFiles, Map<string, Uint8Array<ArrayBuffer>>>();

  constructor(base: string) {
    this.#base = base;
  }

  async page(): Promise<Response> {
    const page = consolePage(await loaded(), this.#base);
    return answer(page, "text/html; charset=utf-8", {
      "cache-control": "no-cache",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "cross-origin-opener-policy": "same-origin",
    });
  }

  async asset(c: Context): Promise<Response> {
    const name = c.req.param("file") ?? "";
    const files = await loaded();
    const text = files.texts.get(name);
    if (text === undefined)
      throw new RequestError("there is no such file", { status: 404, code: "not_found" });
    const type = name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
    const headers = { "cache-control": "public, max-age=31536000, immutable" };
    if (!/\bgzip\b/.test(headerOf(c, "accept-encoding") ?? "")) return answer(text, type, headers);
    return answer(this.#gzipped(files, name, text), type, {
      ...headers,
      "content-encoding": "gzip",
      vary: "accept-encoding",
    });
  }

  #gzipped(files: ConsoleFiles, name: string, text: string): Uint8Array<ArrayBuffer> {
    const packed = this.#packed.get(files) ?? new Map<string, Uint8Array<ArrayBuffer>>();
    this.#packed.set(files, packed);
    const bytes = packed.get(name) ?? new Uint8Array(gzipSync(text, { level: 9 }));
    packed.set(name, bytes);
    return bytes;
  }
}

/** Late, because most servers that are asked for jobs are never asked for the console. */
async function loaded(): Promise<ConsoleFiles> {
  const { consoleFiles } = await import("./bundled.ts");
  return consoleFiles();
}

function answer(
  body: string | Uint8Array<ArrayBuffer>,
  type: string,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(body, {
    headers: {
      "content-type": type,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}
