import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

/** What takes longer, even on a busy machine, will not come. */
const LONGEST_MS = 120_000;
const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

const LOOKS = [
  ["light", 390],
  ["dark", 390],
  ["dark", 1_280],
  ["light", 1_280],
] as const;

/** What a desk's page has left at a zoom of 200 %, and the narrowest phone. Only whether all of it fits is looked at. */
const OTHER_WIDTHS = [640, 320];

/** A page that keeps all that a page should never do. */
export class WatchedPage {
  readonly page: Page;
  readonly wrong: string[] = [];
  readonly #home: string;
  #expected: RegExp | undefined;

  private constructor(page: Page, home: string) {
    this.page = page;
    this.#home = home;
  }

  /** @param home the only origin that it may ask. */
  static async watch(page: Page, home: string): Promise<WatchedPage> {
    const watched = new WatchedPage(page, home);
    page.setDefaultTimeout(LONGEST_MS);
    page.on("console", (message) => {
      if (message.type() === "error") watched.#note(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => watched.#note(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      watched.#note(`a script that was data ran: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${home}/`) && !/^(?:data|blob):/.test(url))
        watched.#note(`foreign request: ${url}`);
    });
    await page.addInitScript(
      `addEventListener("securitypolicyviolation", (event) =>
        console.error("policy violated: " + event.violatedDirective + " " + event.blockedURI))`,
    );
    return watched;
  }

  /** Meanwhile this is no fault: the server was killed. */
  expect(pattern: RegExp | undefined): void {
    this.#expected = pattern;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.#home + path);
    await this.page.locator("h1").first().waitFor();
  }

  isClean(): void {
    assert.deepEqual(this.wrong, []);
  }

  /** To another page of the console, by the key that the list of shortcuts gives: the page is not loaded again. */
  async goTo(letter: string, heading: string): Promise<void> {
    await this.page.keyboard.press("g");
    await this.page.keyboard.press(letter);
    await this.page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  }

  /** In both themes, on a phone and on a desk: nothing that axe knows to be wrong, and no text that overflows. */
  async isWellMade(name: string, keep?: (theme: string, width: number) => Promise<void>): Promise<void> {
    const { page } = this;
    for (const width of OTHER_WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await overflowing(page), [], `${name}, ${width} px: overflows`);
    }
    for (const [theme, width] of LOOKS) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme });
      const where = `${name}, ${theme}, ${width} px`;
      assert.deepEqual(await overflowing(page), [], `${where}: overflows`);
      assert.deepEqual(await faultsOf(page), [], where);
      await keep?.(theme, width);
    }
    this.isClean();
  }

  #note(what: string): void {
    if (!this.#expected?.test(what)) this.wrong.push(what);
  }
}

/** What axe finds, in a line each. */
async function faultsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const found: string[] =
    await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html, any }) => html.slice(0, 120) + " " + (any[0]?.message ?? "")).slice(0, 3).join(" | ")))`);
  return found;
}

/** What makes the page scroll sideways, and text that leaves its own box and so stands on something else. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const width = document.documentElement.clientWidth;
    const leaves = (element) => {
      if (!element.checkVisibility()) return false;
      if (![...element.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim())) return false;
      const { display, overflowX, clipPath } = getComputedStyle(element);
      return display !== "inline" && overflowX === "visible" && clipPath === "none" && element.scrollWidth > element.clientWidth + 1;
    };
    const scrolls = document.documentElement.scrollWidth > width;
    return [...document.querySelectorAll("main *, header *, nav *")]
      .filter((element) => leaves(element) || (scrolls && element.getBoundingClientRect().right > width + 1))
      .map((element) => element.outerHTML.slice(0, 160))
      .slice(0, 5);
  })()`);
}
