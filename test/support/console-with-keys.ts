import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import { Keys, type NewKey } from "../../src/access/keys.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createApp } from "../../src/http/app.ts";
import { listen } from "../../src/http/listen.ts";
import type { Posthorn, PosthornOptions } from "../../src/posthorn.ts";
import { storeOf } from "../../src/store/store-of.ts";
import { openBrowser } from "./browser.ts";
import { open } from "./posthorn.ts";
import { WatchedPage } from "./watched-page.ts";

/** The console of a server without a worker, in a browser that signs in with one key or another. */
export class ConsoleWithKeys {
  readonly posthorn: Posthorn;
  readonly url: string;
  readonly page: Page;
  readonly watched: WatchedPage;
  readonly #keys: Keys;

  private constructor(posthorn: Posthorn, url: string, keys: Keys, watched: WatchedPage) {
    this.posthorn = posthorn;
    this.url = url;
    this.page = watched.page;
    this.watched = watched;
    this.#keys = keys;
  }

  static async open(t: TestContext, options: Partial<PosthornOptions> = {}): Promise<ConsoleWithKeys> {
    const posthorn = await open(t, {
      ...{ database: ":memory:", worker: false, allowTargets: ["127.0.0.1"] },
      masterKey: Buffer.alloc(32, 7).toString("base64"),
      ...options,
    });
    const keys = new Keys(storeOf(posthorn).keys, systemClock);
    const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
    const { url, close } = await listen(app, { host: "127.0.0.1", port: 0 });
    t.after(close);
    return new ConsoleWithKeys(posthorn, url, keys, await WatchedPage.watch(await openBrowser(t), url));
  }

  /** Signs in with a new key, replacing the session before it. */
  async signIn(key: NewKey): Promise<void> {
    const { token } = await this.#keys.create(key);
    await this.page.goto("about:blank"); // a page that is open still asks for news, and would be refused
    await this.page.context().clearCookies();
    await this.watched.open("/console");
    await this.page.getByLabel(/key/i).fill(token);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await this.page.getByRole("heading", { name: "Now" }).waitFor();
  }
}
