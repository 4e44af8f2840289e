import { pathToFileURL } from "node:url";
import { openPosthorn, type Posthorn, task } from "posthorn";

export const double = task<number, number>("double", { run: (n) => n * 2 });
export const square = task<number, number>("square", { thread: pathToFileURL("square.mjs").href });

// Next.js loads this module once for routes and once for instrumentation, and again whenever it changes in development
const kept = globalThis as typeof globalThis & { posthorn?: Promise<Posthorn> };

export function posthorn(): Promise<Posthorn> {
  kept.posthorn ??= openPosthorn({ database: "app.db", tasks: [double, square] });
  return kept.posthorn;
}
