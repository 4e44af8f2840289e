import { problemAnswer } from "./answer/problem.ts";
import type { Route } from "./route.ts";

/** For a path that no route has, or a method that none of its routes has. */
export const NO_ROUTE = { path: "*", needs: "none", scope: "everyone" } as const;

/** The methods of a path; empty when no route has it. Of a path that stands whole in some routes, it is those that count. */
export function allowedMethods(
  routes: readonly Pick<Route, "method" | "path">[],
): (path: string) => string[] {
  const patterns = routes.map(({ method, path }) => ({
    method,
    path,
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
  }));
  return (path) => {
    const whole = patterns.filter((route) => route.path === path);
    const found = whole.length > 0 ? whole : patterns.filter(({ pattern }) => pattern.test(path));
    const methods = found.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    return [...new Set(methods)];
  };
}

export function notFound(allowed: readonly string[]): Response {
  if (allowed.length === 0) {
    return problemAnswer({
      status: 404,
      code: "not_found",
      detail: "there is nothing at this path; see /docs",
    });
  }
  const allow = allowed.join(", ");
  const detail = `this path does not support that method; allowed: ${allow}`;
  return problemAnswer({ status: 405, code: "method_not_allowed", detail }, { allow });
}
