import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/**
 * Looks a path without parameters up whole, and only others piece by piece. Hono's own fastest router does that too, but refuses
 * `/jobs/redeliver` next to `/jobs/{job_id}/redeliver`, and the one it falls back to walks the pieces of every path.
 *
 * A route that is found whole runs alone: middleware for `*` would not see it, so there must be none.
 */
export class WholePathRouter<T> implements Router<T> {
  readonly name = "WholePathRouter";
  readonly #whole = new Map<string, Map<string, Result<T>>>();
  readonly #pieces = new TrieRouter<T>();

  /** @param path as OpenAPI writes it: `/tenants/{tenant}`. */
  add(method: string, path: string, handler: T): void {
    if (/[{*]/.test(path)) {
      this.#pieces.add(method, path.replace(/\{(\w+)\}/g, ":$1"), handler);
      return;
    }
    const paths = this.#whole.get(method) ?? new Map<string, Result<T>>();
    this.#whole.set(method, paths.set(path, [[[handler, {}]]]));
  }

  match(method: string, path: string): Result<T> {
    return this.#whole.get(method)?.get(path) ?? this.#pieces.match(method, path);
  }
}
