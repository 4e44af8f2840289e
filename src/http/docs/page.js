// Shows /openapi.json, and sends requests to the server that this page came from. Text only ever enters as text.

const main = document.getElementById("main");
const key = document.getElementById("key");
key.addEventListener("change", load);
await load();

async function load() {
  const answer = await fetch("openapi.json", { headers: authorization() });
  if (answer.ok) show(await answer.json());
  else if (answer.status === 401)
    main.replaceChildren(element("p", {}, "Enter an API key above to read the API."));
  else main.replaceChildren(element("p", {}, `The description could not be read: ${answer.status}.`));
}

function authorization() {
  return key.value ? { authorization: `Bearer ${key.value}` } : {};
}

function show(description) {
  const sections = description.tags.map((tag) => {
    const operations = operationsOf(description).filter(({ operation }) => operation.tags.includes(tag.name));
    return element(
      "section",
      {},
      element("h2", {}, tag.name),
      ...operations.map((each) => operationCard(description, each)),
    );
  });
  main.replaceChildren(
    element("p", {}, description.info.description.replaceAll("`", "")),
    element("p", { class: "faint" }, `Version ${description.info.version}, OpenAPI ${description.openapi}`),
    ...sections,
  );
}

function operationsOf(description) {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function operationCard(description, { method, path, operation }) {
  const body = operation.requestBody?.content["application/json"];
  return element(
    "details",
    { id: operation.operationId },
    element(
      "summary",
      {},
      element("span", { class: "method" }, method),
      element("code", {}, path),
      ` ${operation.summary}`,
    ),
    element(
      "div",
      {},
      element("p", {}, operation.description ?? ""),
      ...(body ? [element("h4", {}, "Body"), fieldTable(description, body.schema)] : []),
      element("h4", {}, "Answers"),
      answerTable(description, operation.responses),
      element("h4", {}, "Try it"),
      tryForm({ method, path, operation, body }),
    ),
  );
}

function answerTable(description, responses) {
  const rows = Object.entries(responses).map(([status, response]) => {
    const schema = Object.values(response.content ?? {})[0]?.schema;
    const name = schema?.$ref?.split("/").at(-1);
    const shape =
      name && name !== "Problem" ? element("details", {}, element("summary", {}, name)) : undefined;
    shape?.append(fieldTable(description, schema));
    const headers = Object.entries(response.headers ?? {}).map(([header, { description: text }]) =>
      element("div", {}, element("code", {}, header), element("small", {}, ` ${text}`)),
    );
    return row(element("code", {}, status), [response.description, ...headers, ...(shape ? [shape] : [])]);
  });
  return element("table", {}, ...rows);
}

function fieldTable(description, schema) {
  const { properties = {}, required = [] } = resolve(description, schema);
  const rows = Object.entries(properties).map(([name, field]) => {
    const label = [
      element("code", {}, name),
      element("br"),
      element("small", {}, typeName(description, field)),
    ];
    const need = required.includes(name) ? "" : " (optional)";
    return row(label, [`${resolve(description, field).description ?? ""}${need}`]);
  });
  return element("table", {}, ...rows);
}

function resolve(description, schema) {
  return schema.$ref ? description.components.schemas[schema.$ref.split("/").at(-1)] : schema;
}

function typeName(description, schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.enum) return schema.enum.join(" | ");
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.map((option) => typeName(description, option)).join(" | ");
  if (schema.type === "array") return `${typeName(description, schema.items)}[]`;
  return schema.format ?? schema.type ?? "any JSON value";
}

function tryForm({ method, path, operation, body }) {
  const inputs = operation.parameters.map((parameter) => ({
    parameter,
    input: element("input", { placeholder: parameter.in === "path" ? (parameter.example ?? "") : "" }),
  }));
  const examples = Object.values(body?.examples ?? {});
  const text = body && element("textarea", { rows: "10", spellcheck: "false" });
  if (text) text.value = JSON.stringify(examples[0]?.value ?? {}, null, 2);
  const answer = element("pre", { hidden: "" });
  const send = element("button", { type: "button" }, "Send");
  send.addEventListener("click", async () => {
    answer.hidden = false;
    answer.textContent = "…";
    try {
      await ask(requestOf(method, path, inputs, text?.value), (shown) => {
        answer.textContent = shown;
      });
    } catch (error) {
      answer.textContent = String(error);
    }
  });
  const rows = inputs.map(({ parameter, input }) =>
    row(
      [element("code", {}, parameter.name), element("br"), element("small", {}, parameter.in)],
      [input, element("div", { class: "faint" }, parameter.description ?? "")],
    ),
  );
  return element("div", {}, element("table", {}, ...rows), ...(text ? [text] : []), send, answer);
}

function requestOf(method, path, inputs, body) {
  const headers = new Headers(authorization());
  const query = new URLSearchParams();
  let filled = path;
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path")
      filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value === "") continue;
    else if (parameter.in === "header") headers.set(parameter.name, input.value);
    else query.set(parameter.name, input.value);
  }
  if (body !== undefined) headers.set("content-type", "application/json");
  const below = filled.slice(1); // wherever the API is, this page is next to it
  const url = query.size > 0 ? `${below}?${query}` : below;
  return new Request(url, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** Shows the answer, and one that comes piece by piece, as events do, as far as it has come. */
async function ask(request, show) {
  const started = performance.now();
  const answer = await fetch(request);
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const head = () =>
    `${answer.status} ${answer.statusText} (${Math.round(performance.now() - started)} ms)\n${headers}\n\n`;
  if (answer.headers.get("content-type") !== "text/event-stream") {
    const text = await answer.text();
    return show(head() + pretty(text));
  }
  let events = "";
  const decoder = new TextDecoder();
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    events += decoder.decode(value, { stream: true });
    show(head() + events);
  }
}

/** Numbers are shown as they came, so only what stays the same when written again is indented. */
function pretty(text) {
  try {
    const value = JSON.parse(text);
    return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}

function row(label, content) {
  return element("tr", {}, element("th", {}, ...[label].flat()), element("td", {}, ...content));
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}
