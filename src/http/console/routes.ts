import type { Context } from "hono";
import { z } from "zod";
import { filesOf, PAGE_HEADERS, servedFile } from "../pages/served-file.ts";
import type { BodyReader } from "../request/body.ts";
import { readJsonBody } from "../request/json-body.ts";
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
  const open = { needs: "none", scope: "everyone" } as const;
  const pages = PAGES.map((path) => ({
    ...open,
    method: "GET" as const,
    path,
    handle: () => page(base),
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
    {
      ...open,
      method: "GET",
      path: "/console/assets/{file}",
      handle: (c) => servedFile("operator", c.req.param("file") ?? "", c),
    },
    ...pages,
  ];
}

async function page(base: string): Promise<Response> {
  return new Response(consolePage(await filesOf("operator"), base), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "cross-origin-opener-policy": "same-origin",
      ...PAGE_HEADERS,
    },
  });
}
