import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import chromium from "@sparticuz/chromium";
import { type BrowserContext, type Page, chromium as playwright } from "playwright-core";
import { scratchDatabase } from "./scratch.ts";

/** The browser that npm brings is built for Linux. */
export const skipElsewhere = { skip: process.platform !== "linux" && "there is no browser here" };

/** Unpacking takes seconds: what was unpacked stays next to its package, for all tests, until npm replaces that. */
const KEPT = fileURLToPath(new URL("../../unpacked", import.meta.resolve("@sparticuz/chromium")));

/** How late the answers to slow pages are at most. */
const LATEST_MS = 500;

/** An argument that would let pages do what no browser in use lets them do. */
const ANY_ORIGIN = "--disable-web-security";

// pages draw no WebGL: without an emulated graphics card they cost half of the processor time
chromium.setGraphicsMode = false;

/** A page of a real browser, which comes from npm and does not outlive the test. */
export async function openBrowser(t: TestContext): Promise<Page> {
  const folder = dirname(scratchDatabase());
  const browser = await playwright.launch({
    executablePath: await unpacked(),
    args: chromium.args.filter((arg) => arg !== ANY_ORIGIN),
    env: { ...process.env, TMPDIR: folder }, // it does not remove all that it writes there
  });
  t.after(() => browser.close());
  const context = await browser.newContext({ locale: "en-GB" });
  if (process.env.POSTHORN_SLOW_PAGES) await slowDown(context);
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // a busy machine takes its time
  return page;
}

/** Like a machine that is overloaded: each answer comes late, by a time that nobody can rely on, and pages draw slowly. */
async function slowDown(context: BrowserContext): Promise<void> {
  context.on("page", async (page) => {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  });
  await context.route("**/*", async (route) => {
    await pause(Math.random() * LATEST_MS);
    await route.continue().catch(() => {}); // the page has been closed, or no longer asks
  });
}

/** Where the browser is. It unpacks itself into the folder for temporary files, unless it is there already. */
async function unpacked(): Promise<string> {
  if (!existsSync(KEPT)) {
    // elsewhere first, so that nobody finds half of it
    const part = mkdtempSync(`${KEPT}-`);
    await executableIn(part);
    try {
      renameSync(part, KEPT);
    } catch (error) {
      rmSync(part, { recursive: true });
      if (!existsSync(KEPT)) throw error; // else another test was faster
    }
  }
  return executableIn(KEPT);
}

async function executableIn(folder: string): Promise<string> {
  const { TMPDIR = "/tmp" } = process.env;
  process.env.TMPDIR = folder;
  try {
    return await chromium.executablePath();
  } finally {
    process.env.TMPDIR = TMPDIR;
  }
}
