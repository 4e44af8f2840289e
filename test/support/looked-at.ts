import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** Typed as far as it is used: the tests are checked without a browser's own types. */
interface InPage {
  readonly axe: { run(options: object): Promise<AxeResults> };
  readonly document: {
    readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
  };
}

const AXE = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Whatever a page does that it should not: errors, breaches of its content security policy, requests to other hosts. */
export function faultsOf(page: Page, origin: string): readonly string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:")) faults.push(`request: ${url}`);
  });
  return faults;
}

/** What a desk's page has left at a zoom of 200 %, and narrow phones. */
const OTHER_WIDTHS = [640, 360, 320];

/**
 * Looks at a page as it is, in both themes, on a phone and on a desk: nothing is inaccessible, and nothing sticks out. Pictures of it go
 * to the folder that POSTHORN_PICTURES names, as for docs/portal.md.
 */
export async function assertGoodToLookAt(page: Page, what: string): Promise<void> {
  for (const width of OTHER_WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await assertNothingSticksOut(page, what, width);
  }
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [390, 1_280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const { POSTHORN_PICTURES: pictures } = process.env;
      if (pictures !== undefined)
        await page.screenshot({
          path: join(pictures, `portal-${what.replaceAll(/\W+/g, "-")}-${colorScheme}-${width}.png`),
          fullPage: true,
        });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as InPage).axe.run({ resultTypes: ["violations"] }),
      );
      const told = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
      assert.deepEqual(told, [], `${what}, ${colorScheme}, ${width} px`);
      await assertNothingSticksOut(page, what, width);
    }
  }
}

async function assertNothingSticksOut(page: Page, what: string, width: number): Promise<void> {
  const room = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = (globalThis as unknown as InPage).document.documentElement;
    return { scrollWidth, clientWidth };
  });
  assert.ok(
    room.scrollWidth <= room.clientWidth,
    `${what} sticks out at ${width} px: ${JSON.stringify(room)}`,
  );
}
