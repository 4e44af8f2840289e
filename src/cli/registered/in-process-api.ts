import { ConfigurationError } from "../../core/errors.ts";
import type { Posthorn } from "../../posthorn.ts";
import { located, withExistingStore } from "../database.ts";
import type { GlobalOptions, Io } from "../terminal/io.ts";

export interface AskOptions extends GlobalOptions {
  readonly allowTargets?: readonly string[];
}

export interface Asked {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With its query. */
  readonly path: string;
  /** The text of a JSON object. */
  readonly body?: string;
}

/**
 * What the API answers, asked within this process, on the database itself: no server has to run. Servers that do notice what changed
 * within a second.
 * @throws ConfigurationError with what the API says is wrong.
 */
export async function askApi({ method, path, body }: Asked, options: AskOptions, io: Io): Promise<unknown> {
  const { createApp } = await import("../../http/app.ts");
  const posthorn = await openHere(options, io);
  try {
    const app = createApp(posthorn, { access: { mode: "cli" }, clock: posthorn.clock });
    const init = body === undefined ? {} : { body, headers: { "content-type": "application/json" } };
    const answer = await app.fetch(new Request(`http://localhost${path}`, { method, ...init }));
    const text = await answer.text();
    const told: unknown = text === "" ? undefined : JSON.parse(text);
    if (answer.ok) return told;
    throw new ConfigurationError((told as { detail: string }).detail); // whatever is not ok is a problem
  } finally {
    await posthorn.close();
  }
}

/** @throws ConfigurationError when there is no such database. */
export async function openHere({ database, allowTargets }: AskOptions, io: Io): Promise<Posthorn> {
  await withExistingStore(database, async () => {}); // a mistyped path would become a new database
  const { openPosthorn, silentLog } = await import("../../posthorn.ts");
  const masterKey = io.env.POSTHORN_MASTER_KEY;
  return openPosthorn({
    database: located(database),
    worker: false,
    log: silentLog,
    ...(masterKey && { masterKey }),
    ...(allowTargets && { allowTargets }),
  });
}
