import assert from "node:assert/strict";
import { test } from "node:test";
import { schedule, task } from "../src/posthorn.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const greet = task("greet", { run: async () => {} });

test(
  "lists of jobs have the columns that were chosen by keyboard, in this browser, and find jobs by pasted ids",
  skipElsewhere,
  async (t) => {
    const receiver = await Receiver.start(t, (delivery) => delivery.answer(200));
    const at = await ConsoleWithKeys.open(t, { worker: true, tasks: [greet] });
    const { posthorn, page, watched } = at;
    await posthorn.webhooks.endpoints.create("acme", { uid: "main", url: receiver.url });
    await posthorn.webhooks.send({
      ...{ tenant: "acme", type: "paid", payload: { n: 1 } },
      tags: ["order-7", "t".repeat(60)],
    });
    await posthorn.enqueue(greet, undefined, { key: "مهمة 🎺 ".repeat(20), delay: "1h" });
    await posthorn.webhooks.deliver({ targetUrl: `${receiver.url}/${"x".repeat(200)}`, payload: 1 });
    await until("what is due has ended", async () => {
      return (await posthorn.jobs.list({ status: "succeeded" })).length === 2;
    });
    await at.signIn({ name: "ana", role: "admin" });
    await watched.open("/console/jobs");
    await page.locator("[data-row]").nth(2).waitFor();
    const headings = async () => (await page.locator("thead th").allInnerTexts()).slice(1);
    const usual = ["Status", "Job", "Goes to", "Attempts", "Accepted", "Next, or why it ended"];
    assert.deepEqual(await headings(), usual);

    await page.getByText("Columns", { exact: true }).focus();
    await page.keyboard.press("Enter");
    for (const name of ["Tenant", "Tags", "Key", "Took", "Ended"]) {
      await page.getByRole("checkbox", { name, exact: true }).focus();
      await page.keyboard.press("Space");
    }
    await page.getByText("order-7").waitFor();
    await watched.isWellMade("all columns", async () => {});
    await watched.open("/console/jobs");
    await page.getByText("order-7").waitFor();
    assert.deepEqual(await headings(), [
      ...["Status", "Job", "Tenant", "Goes to", "Tags", "Key", "Attempts", "Took", "Accepted", "Ended"],
      "Next, or why it ended",
    ]);

    await page.getByText("More conditions").click();
    const [first, second] = await posthorn.jobs.list();
    await page.getByLabel("Job ids").fill(`${first?.id} and ${second?.id}`);
    await page.keyboard.press("Enter");
    await page.waitForURL(/ids=job_/);
    await until("those two are shown alone", async () => (await page.locator("[data-row]").count()) === 2);

    await watched.open("/console/jobs?status=succeeded&task=greet&tag=order-7");
    const without = async (name: string) => await page.locator("li", { hasText: name }).innerText();
    await page.getByText("Task: 1 job").waitFor();
    await watched.isWellMade("nothing matches", async () => {});
    assert.deepEqual(
      [await without("Statuses"), await without("Tag")],
      ["Statuses: still none", "Tag: still none"],
      "the condition that excludes what is there is told apart",
    );
    await page.getByRole("link", { name: "Task: 1 job" }).click();
    await page.getByText("order-7").waitFor();

    await watched.open("/console/jobs?text=nowhere");
    await page.getByText("Searched 3 jobs: all that meet the other conditions.").waitFor();
    assert.equal(await page.getByRole("button", { name: /found…/ }).count(), 0);

    await watched.open("/console/jobs?text=xxxxxxxxxx");
    await page.getByText("Searched 3 jobs: all that meet the other conditions.").waitFor();

    await watched.open("/console/jobs");
    await page.getByText("order-7").waitFor();
    await page.getByText("Columns", { exact: true }).click();
    await page.getByRole("button", { name: "Usual columns" }).click();
    await page.locator("th.of-tags").waitFor({ state: "detached" });
    assert.deepEqual(await headings(), usual);
  },
);

test(
  "a job of a task whose name has a hundred characters fits on the narrowest phone, and leads to its schedule",
  skipElsewhere,
  async (t) => {
    const long = task("x".repeat(100), { run: async () => {} });
    const name = `nightly-${"y".repeat(60)}`;
    const often = schedule(name, { cron: "0 3 * * *", timeZone: "UTC", task: long, input: undefined });
    const at = await ConsoleWithKeys.open(t, { worker: true, tasks: [long], schedules: [often] });
    const { posthorn, page, watched } = at;
    const run = await posthorn.schedules.run(name);
    await posthorn.enqueue(long, undefined, { delay: "1h" });
    await at.signIn({ name: "ana", role: "admin" });
    await watched.open("/console/jobs");
    await page.locator("[data-row]").nth(1).waitFor();
    await watched.isWellMade("a task with a long name", async () => {});

    await watched.open(`/console/jobs/${run?.jobId}`);
    const link = page.getByRole("link", { name, exact: true });
    await link.waitFor();
    await watched.isWellMade("a job of a schedule", async () => {});
    await link.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Schedules" }).waitFor();
    await page.locator("[data-row]", { hasText: name }).waitFor();
    assert.equal(await page.locator("[data-row]").count(), 1);
  },
);

test(
  "a bulk run is of the jobs that a search for text found, or of those that were selected among them",
  skipElsewhere,
  async (t) => {
    const note = task("note", { run: async (_: string) => {} });
    const at = await ConsoleWithKeys.open(t, { worker: true, tasks: [note] });
    const { posthorn, page, watched } = at;
    for (const text of ["find-me", "find-me, too", "not this", "find-me, three"])
      await posthorn.enqueue(note, text, { delay: "1h" });
    await at.signIn({ name: "ana", role: "admin" });
    await watched.open("/console/jobs?text=find-me");
    const searched = page.getByText("Searched 4 jobs: all that meet the other conditions.");
    await searched.waitFor();
    await watched.isWellMade("what a search found", async () => {});
    assert.equal(await page.getByRole("button", { name: "All that match…" }).count(), 0);

    await page
      .getByRole("checkbox", { name: /^Select job_/ })
      .last()
      .check();
    await page.getByText("1 selected").waitFor();
    await page.getByRole("button", { name: "Select none" }).click();
    await page.getByRole("button", { name: "The 3 jobs that were found…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What to do").selectOption("cancel");
    await dialog.getByRole("button", { name: "Cancel: 3" }).click();
    await page.waitForURL(/\/console\/bulk\//);
    const [run] = (await posthorn.bulk.list()).data;
    assert.equal(run?.filter.ids?.length, 3);
    watched.isClean();
  },
);
