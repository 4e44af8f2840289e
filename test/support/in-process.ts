import type { TestContext } from "node:test";
import { createApp } from "../../src/http/app.ts";
import type { AppOptions } from "../../src/http/app-options.ts";
import { listen } from "../../src/http/listen.ts";
import { createLog } from "../../src/observe/log.ts";
import { openPosthorn, type Posthorn, type PosthornOptions } from "../../src/posthorn.ts";
import { Api } from "./api.ts";
import { scratchDatabase } from "./scratch.ts";

/** The whole product in this process: database, worker and API. */
export interface InProcess {
  readonly posthorn: Posthorn;
  readonly api: Api;
  readonly database: string;
  /** All that was logged. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Serves the API in dev mode; loopback's IPv4 address may be delivered to unless `options` say otherwise. */
export async function serveHere(
  t: TestContext,
  options: Partial<PosthornOptions> = {},
  appOptions: Partial<AppOptions> = {},
): Promise<InProcess> {
  const database = options.database ?? scratchDatabase();
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  const posthorn = await openPosthorn({
    allowTargets: ["127.0.0.1"],
    drainTimeout: 0,
    log,
    ...options,
    database,
  });
  const app = createApp(posthorn, { access: { mode: "dev" }, clock: posthorn.clock, ...appOptions });
  const listening = await listen(app, { host: "127.0.0.1", port: 0 });
  const stop = async () => {
    await listening.close();
    await posthorn.close();
  };
  t.after(stop);
  return { posthorn, api: new Api(listening.url), database, lines, stop };
}
