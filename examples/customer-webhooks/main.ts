import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { csrf } from "hono/csrf";
import { openPosthorn, PosthornError } from "posthorn";
import { closed, host, port } from "../shared/listening.ts";
import { onStop } from "../shared/on-stop.ts";
import { scratchFolder } from "../shared/scratch-folder.ts";
import { startCustomer } from "./customer.ts";
import { customerPage } from "./customer-page.ts";
import { Invoices } from "./invoices.ts";

const file = join(scratchFolder(), "saas.db");
const posthorn = await openPosthorn({ database: file, allowTargets: [host] }); // here customers are on this machine
const { endpoints, eventTypes } = posthorn.webhooks;
const db = new DatabaseSync(file, { timeout: 5_000 });
const invoices = new Invoices(db, posthorn);

const schema = {
  type: "object",
  required: ["id", "cents"],
  properties: { id: { type: "integer" }, cents: { type: "integer" } },
};
for (const type of ["invoice.created", "invoice.paid"])
  await eventTypes.put(type, { schemas: { 1: schema }, enforce: "refuse" });

// a customer who has set up an endpoint: a uid names it, so that this makes only one, however often it is run
const acme = await startCustomer();
await endpoints.put("acme", "main", { url: acme.url, secret: acme.secret, eventTypes: ["invoice.*"] });

const app = new Hono();
app.use(csrf());

// Who is logged in would say which customer it is; here the address does.
const back = (c: Context, notice = "") =>
  c.redirect(`/customers/${c.req.param("customer")}?${new URLSearchParams({ notice })}`, 303);

app.get("/", (c) => c.redirect("/customers/acme"));

app.get("/customers/:customer", async (c) => {
  const { customer } = c.req.param();
  return c.html(await customerPage(posthorn, customer, invoices.list(customer), c.req.query("notice") ?? ""));
});

app.post("/customers/:customer/endpoints", async (c) => {
  const form = await c.req.formData();
  const types = form.getAll("type").map(String);
  const options = { url: String(form.get("url")), eventTypes: types.length > 0 ? types : null };
  const { endpoint } = await endpoints.create(c.req.param("customer"), options);
  const { secret } = await endpoints.secret(c.req.param("customer"), endpoint.id);
  return back(c, `Verify with ${secret}`);
});

app.post("/customers/:customer/endpoints/:endpoint/:action", async (c) => {
  const { customer, endpoint, action } = c.req.param();
  if (action === "pause" || action === "resume" || action === "delete")
    await endpoints[action](customer, endpoint);
  else if (action === "secret")
    return back(c, `Verify with ${(await endpoints.secret(customer, endpoint)).secret}`);
  else if (action === "test") {
    const { succeeded, code, error } = await endpoints.test(customer, endpoint);
    return back(c, succeeded ? `It answered ${code}` : String(error));
  } else return c.notFound();
  return back(c);
});

app.post("/customers/:customer/invoices", async (c) => {
  await invoices.create(c.req.param("customer"), 4_200);
  return back(c);
});

app.post("/customers/:customer/invoices/:id/pay", async (c) => {
  await invoices.pay(c.req.param("customer"), Number(c.req.param("id")));
  return back(c);
});

app.onError((error, c) => {
  if (error instanceof PosthornError && !error.retryable) return back(c, error.message);
  console.error(error);
  return c.text("failed", 500);
});

const server = serve({ fetch: app.fetch, hostname: host, port }, (address) =>
  console.log(`listening on http://${host}:${address.port}`),
);
onStop(async () => {
  await closed(server);
  await posthorn.close();
  await acme.close();
  db.close();
});
