import type { Handler } from "../runner.ts";

/**
 * The handler that a module exports as its default, undefined when there is none. Compilers and bundlers put what a CommonJS module
 * exports as its default one level deeper.
 */
export async function handlerIn(module: string): Promise<Handler | undefined> {
  const { default: given } = (await import(module)) as { readonly default?: unknown };
  const handler = typeof given === "object" && given && "default" in given ? given.default : given;
  return typeof handler === "function" ? (handler as Handler) : undefined; // what it takes, nobody can check
}
