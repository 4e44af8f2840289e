import { html } from "hono/html";
import type { Posthorn } from "posthorn";
import type { Invoice } from "./invoices.ts";

const TYPES = ["invoice.created", "invoice.paid"];

type Page = ReturnType<typeof html>;

/** What a customer sees of its webhooks, and can do about them; everything is asked of Posthorn, by the customer's own id. */
export async function customerPage(
  { webhooks }: Pick<Posthorn, "webhooks">,
  customer: string,
  invoices: readonly Invoice[],
  notice: string,
): Promise<Page> {
  const { data: endpoints } = await webhooks.endpoints.list(customer, { limit: 20 });
  const sections = await Promise.all(
    endpoints.map((endpoint) => endpointSection(webhooks, customer, endpoint)),
  );
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Webhooks of ${customer}</title>
<style>
  body { font: 16px/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  section { border: 1px solid #ccc; border-radius: 8px; padding: 0 1rem 1rem; margin: 1rem 0 }
  form { display: inline }
  table { border-collapse: collapse; width: 100% }
  td, th { text-align: left; padding: .2rem .6rem .2rem 0 }
</style>
<h1>Webhooks of ${customer}</h1>
${notice === "" ? "" : html`<p role="status"><code>${notice}</code></p>`}
${sections}
<h2>Add an endpoint</h2>
<form method="post" action="/customers/${customer}/endpoints">
  <label>URL <input name="url" type="url" required size="40"></label>
  ${TYPES.map((type) => html`<label><input type="checkbox" name="type" value="${type}" checked> ${type}</label> `)}
  <button>Add</button>
</form>
<h2>Invoices</h2>
${button(customer, "invoices", "New invoice")}
<table>
${invoices.map(
  ({ id, cents, paid }) =>
    html`<tr><td>${id}<td>${(cents / 100).toFixed(2)} €<td>${
      paid ? "paid" : button(customer, `invoices/${id}/pay`, "Pay")
    }</tr>`,
)}
</table>
</html>`;
}

type Endpoints = Awaited<ReturnType<Posthorn["webhooks"]["endpoints"]["list"]>>["data"];

async function endpointSection(
  webhooks: Posthorn["webhooks"],
  customer: string,
  { id, url, eventTypes, status, health }: Endpoints[number],
): Promise<Page> {
  const { data: attempts } = await webhooks.attempts.ofEndpoint(customer, id, { limit: 5 });
  const at = `endpoints/${id}`;
  const how = health.failures > 0 ? `, failing: ${health.lastError}` : "";
  return html`<section>
<h2>${url}</h2>
<p>${eventTypes?.join(", ") ?? "all events"}; ${status}${how}</p>
${button(customer, `${at}/test`, "Send a test")}
${button(customer, `${at}/secret`, "Show the secret")}
${status === "paused" ? button(customer, `${at}/resume`, "Resume") : button(customer, `${at}/pause`, "Pause")}
${button(customer, `${at}/delete`, "Delete")}
<table>
${attempts.map(
  ({ type, outcome, code, error, startedAt }) => html`<tr>
  <td>${new Date(startedAt).toLocaleTimeString("en")}<td>${type}<td>${outcome}<td>${code}<td>${error}</tr>`,
)}
</table>
</section>`;
}

function button(customer: string, action: string, label: string): Page {
  return html`<form method="post" action="/customers/${customer}/${action}"><button>${label}</button></form>`;
}
