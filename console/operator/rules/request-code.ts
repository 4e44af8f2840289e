import type { SentRequestAnswer } from "../../../src/http/schemas/sent-request.ts";

interface Sent {
  /** Of the API, with the path that it is mounted at. */
  readonly server: string;
  readonly target: string;
  /** JSON, as it was typed. */
  readonly payload: string;
}

/** The same delivery as code: what is asked of the API, and of the library in a program that has one open. */
export function requestCode({ server, target, payload }: Sent): ReadonlyMap<string, string> {
  const url = JSON.stringify(target);
  const body = `{"target_url": ${url}, "payload": ${payload}}`;
  return new Map([
    [
      "curl",
      inLines([
        `curl ${server}/webhooks/deliver`,
        "-H 'content-type: application/json'",
        `-d ${quoted(body)}`,
      ]),
    ],
    [
      "fetch",
      `await fetch(${JSON.stringify(`${server}/webhooks/deliver`)}, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ target_url: ${url}, payload: ${payload} }),
});`,
    ],
    ["Library", `await posthorn.webhooks.deliver({ targetUrl: ${url}, payload: ${payload} });`],
    [
      "Python",
      `import json, urllib.request

urllib.request.urlopen(urllib.request.Request(
    ${JSON.stringify(`${server}/webhooks/deliver`)},
    data=json.dumps({"target_url": ${url}, "payload": json.loads(${JSON.stringify(payload)})}).encode(),
    headers={"content-type": "application/json"},
))`,
    ],
  ]);
}

/** A delivery's own request; what may be a secret is left to variables, such as `$X_API_KEY`. @param payload as it is sent. */
export function deliveryCurl(
  { url, headers }: Pick<SentRequestAnswer, "url" | "headers">,
  payload: string,
): string {
  const lines = headers.map(({ name, value }) => {
    if (value !== null) return `-H ${quoted(`${name}: ${value}`)}`;
    // a name may hold what a shell would run between double quotes: "x-`id`"
    return `-H ${quoted(`${name}: `)}"$${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}"`;
  });
  return inLines([`curl -g ${quoted(url)}`, ...lines, `--data-raw ${quoted(payload)}`]);
}

/** A command of a shell, a part on each line. */
export function inLines(parts: readonly string[]): string {
  return parts.join(" \\\n  ");
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
