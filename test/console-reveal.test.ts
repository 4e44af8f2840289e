import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { task } from "../src/posthorn.ts";
import { skipElsewhere } from "./support/browser.ts";
import { ConsoleWithKeys } from "./support/console-with-keys.ts";

const sendReceipt = task("send-receipt", {
  input: z.object({ orderId: z.string(), copies: z.int().min(1) }),
  run: async () => {},
});
const SECRET = "what-only-they-should-read";

test(
  "in the console what is secret in a payload is seen after saying why, by those who may, and that is written down; tasks are run",
  skipElsewhere,
  async (t) => {
    const at = await ConsoleWithKeys.open(t, { tasks: [sendReceipt] });
    const { posthorn, page, watched } = at;
    const { jobId } = await posthorn.webhooks.deliver({
      targetUrl: "http://127.0.0.1:9/",
      payload: { password: SECRET, n: 12345 },
    });
    const { jobId: withQuery } = await posthorn.webhooks.deliver({
      targetUrl: `http://127.0.0.1:9/?token=${SECRET}`,
      payload: { n: 12345 },
    });
    const payload = page.locator(".payload pre").first();
    const reveal = page.getByRole("button", { name: "Reveal" }).first();
    const signIn = async (payloads: "full" | "redacted") => {
      await at.signIn({ name: payloads, role: "admin", payloads });
      await watched.open(`/console/jobs/${jobId}`);
      await payload.getByText("12345").waitFor();
      assert.ok(!(await page.content()).includes(SECRET));
    };

    await signIn("redacted");
    assert.equal(await reveal.count(), 0);

    await signIn("full");
    await reveal.click();
    await watched.isWellMade("the question why");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Reveal" }).click();
    await dialog.getByText("Enter a reason.").waitFor();
    await dialog.getByLabel("Why").fill("ticket 4711");
    await dialog.getByRole("button", { name: "Reveal" }).click();
    await payload.getByText(SECRET).waitFor();
    watched.isClean();
    const { data } = await posthorn.audit.list();
    assert.deepEqual(
      data.map(({ actor, via, action, target, note }) => [actor, via, action, target, note]),
      [["full", "console", "job.reveal", jobId, "ticket 4711"]],
    );

    // the query of a target is secret, and is needed to send to it again
    await watched.open(`/console/jobs/${withQuery}`);
    const again = page.getByRole("button", { name: "Send as new" });
    await again.waitFor();
    assert.ok(!(await again.isEnabled()));
    await reveal.click();
    await dialog.getByLabel("Why").fill("ticket 4712");
    await dialog.getByRole("button", { name: "Reveal" }).click();
    await page.locator(".facts").getByText(`127.0.0.1:9/?token=${SECRET}`).waitFor();
    await again.click();
    await page.getByRole("dialog").getByText(`?token=${SECRET}`).waitFor();
    watched.isClean();
    const [last] = (await posthorn.audit.list()).data;
    assert.deepEqual([last?.action, last?.target, last?.note], ["job.reveal", withQuery, "ticket 4712"]);
    await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await page.locator(".facts").getByRole("link", { name: withQuery }).waitFor();
    const [sentAgain] = await posthorn.jobs.list();
    assert.deepEqual(
      [sentAgain?.copyOf, sentAgain?.targetUrl],
      [withQuery, `http://127.0.0.1:9/?token=${SECRET}`],
    );

    await watched.open("/console/workers");
    await page.getByRole("button", { name: "Run…" }).click();
    await watched.isWellMade("a task's input");
    const input = page.getByLabel("Input");
    assert.deepEqual(JSON.parse(await input.inputValue()), { orderId: "", copies: 1 });
    await input.fill('{"orderId": "42", "copies": 2}');
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("heading", { name: "send-receipt" }).waitFor();
    await page.locator(".payload pre").getByText('"42"').waitFor();
    const [made] = await posthorn.jobs.list({ tasks: ["send-receipt"] });
    assert.equal(new URL(page.url()).pathname, `/console/jobs/${made?.id}`);
    await again.click();
    await page.getByRole("dialog").getByRole("textbox").fill('{"orderId": "43", "copies": 2}');
    await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await page.locator(".payload pre").getByText('"43"').waitFor();
    await watched.isWellMade("a copy of a job");
    await page
      .locator(".facts")
      .getByRole("link", { name: made?.id ?? "" })
      .click();
    await page.locator(".payload pre").getByText('"42"').waitFor();
    watched.isClean();
  },
);
