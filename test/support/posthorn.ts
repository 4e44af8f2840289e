import type { TestContext } from "node:test";
import { silentLog } from "../../src/observe/log.ts";
import { openPosthorn, type Posthorn, type PosthornOptions } from "../../src/posthorn.ts";
import { scratchDatabase } from "./scratch.ts";

/** Longer than any wait for a job's end takes. */
export const LONG = 60_000;

/** Posthorn on a file, closed with the test. */
export async function open(t: TestContext, options: Partial<PosthornOptions> = {}): Promise<Posthorn> {
  const database = options.database ?? scratchDatabase();
  const posthorn = await openPosthorn({ drainTimeout: 0, log: silentLog, ...options, database });
  t.after(() => posthorn.close());
  return posthorn;
}

/** What a test lets happen when it is ready. */
export function gate(): { readonly opens: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opens: promise, open: resolve };
}
