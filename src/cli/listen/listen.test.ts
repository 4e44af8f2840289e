import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { verifyingSecretsOf } from "../database.ts";
import { run } from "../program.ts";
import { RecordedIo, ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

/** A receiver that runs until the test ends. */
async function listening(t: TestContext, ...flags: string[]) {
  const io = new RecordedIo();
  const database = join(temporaryFolder(t), "posthorn.db");
  const ended = run(["listen", "--port", "0", "--json", "--database", database, ...flags], io);
  t.after(async () => {
    io.stop();
    assert.equal(await ended, 0);
  });
  const [, url = ""] = await io.stdout.shows(/"url":"([^"]+)"/);
  return {
    url,
    database,
    /** What it told of the request whose body this is. */
    async told(body: string) {
      const [line] = await io.stdout.shows(new RegExp(`^.*${literally(JSON.stringify(body))}.*$`, "m"));
      return JSON.parse(line);
    },
  };
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

async function sent(url: string, body: string, secret = SECRET, id = "msg_1"): Promise<number> {
  const now = new Date();
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, now, body),
  };
  return (await fetch(url, { method: "POST", body, headers })).status;
}

test("a correctly signed request is answered 200 and shown as verified", async (t) => {
  const { url, told } = await listening(t, "--secret", SECRET);
  assert.equal(await sent(`${url}hook`, '{"a":1}'), 200);
  const { at, ...rest } = await told('{"a":1}');
  assert.match(at, /^\d{4}-.*Z$/);
  assert.deepEqual(rest, {
    method: "POST",
    path: "/hook",
    webhook_id: "msg_1",
    seen: 1,
    signature: "verified",
    reason: null,
    status: 200,
    body: '{"a":1}',
  });
});

test("a request that is signed incorrectly, or not at all, is answered 401 with the reason shown", async (t) => {
  const { url, told } = await listening(t, "--secret", SECRET);
  assert.equal(await sent(url, "forged", OTHER_SECRET), 401);
  assert.match((await told("forged")).reason, /no signature matches/);
  assert.equal((await fetch(url, { method: "POST", body: "unsigned" })).status, 401);
  assert.match((await told("unsigned")).reason, /the header webhook-id is missing/);
});

test("any of several secrets will do", async (t) => {
  const { url } = await listening(t, "--secret", `${OTHER_SECRET},${SECRET}`);
  assert.equal(await sent(url, "x"), 200);
  assert.equal(await sent(url, "x", OTHER_SECRET), 200);
});

test("attempts of one webhook-id are counted", async (t) => {
  const { url, told } = await listening(t, "--secret", SECRET);
  await sent(url, "one", SECRET, "msg_a");
  await sent(url, "two", SECRET, "msg_a");
  await sent(url, "three", SECRET, "msg_b");
  assert.equal((await told("two")).seen, 2);
  assert.equal((await told("three")).seen, 1);
});

test("without a secret it uses those of the server whose database is at hand and of its endpoints, even ones made later", async (t) => {
  const { url, database, told } = await listening(t);
  assert.equal(await sent(url, "early"), 200);
  const early = await told("early");
  assert.equal(early.signature, "unchecked");
  assert.match(early.reason, /no --secret was given, and there is no database/);

  await ran(["migrate", "--database", database]);
  const secret = (await ran(["secret", "--database", database])).stdout.trim();
  assert.equal(await sent(url, "later", secret), 200);
  assert.equal((await told("later")).signature, "verified");
  assert.equal(await sent(url, "forged"), 401);

  const posthorn = (...argv: string[]) => ran([...argv, "--database", database]);
  await posthorn("endpoints", "create", "acme", "uid=a", "url=https://acme.example/");
  await posthorn("endpoints", "create", "acme", "uid=b", "url=https://acme.example/", "signature=ed25519");
  const own = JSON.parse((await posthorn("endpoints", "secret", "acme", "a", "--json")).stdout).secret;
  assert.equal(await sent(url, "of an endpoint", own), 200);
  assert.equal(await sent(url, "forged again"), 401);
  const verifying = await verifyingSecretsOf(database, undefined);
  assert.deepEqual([verifying[0], verifying.length, verifying.includes(own)], [secret, 3, true]);
  assert.ok(verifying.some((each) => each.startsWith("whpk_")));
});

test("it fails as often as it is told to, with the status it is told", async (t) => {
  const always = await listening(t, "--secret", SECRET, "--status", "503");
  assert.equal(await sent(always.url, "x"), 503);
  const everyTime = await listening(t, "--secret", SECRET, "--fail-rate", "1");
  assert.equal(await sent(everyTime.url, "x"), 500);
  const never = await listening(t, "--secret", SECRET, "--fail-rate", "0", "--status", "410");
  assert.equal(await sent(never.url, "x"), 200);
});

test("what is forwarded arrives as it came, and its answer is shown and given", async (t) => {
  const got: {
    headers: IncomingHttpHeaders;
    body: string;
    method: string | undefined;
    url: string | undefined;
  }[] = [];
  const own = createServer(async (request, response) => {
    const { headers, method, url } = request;
    got.push({ headers, method, url, body: await text(request) });
    response.writeHead(202, { "content-type": "application/json" }).end('{"took":"it"}');
  });
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  const target = `http://127.0.0.1:${(own.address() as AddressInfo).port}/hooks?a=b`; // it listens on TCP
  const { url, told } = await listening(t, "--secret", SECRET, "--forward-to", target);
  const body = '{ "n": 9007199254740993 }';
  assert.equal(await sent(url, body), 202);
  const [first] = got;
  assert.deepEqual([first?.method, first?.url, first?.body], ["POST", "/hooks?a=b", body]);
  new Webhook(SECRET).verify(body, first?.headers as Record<string, string>, { jsonParse: false }); // those it reads come once each
  const { forwarded, status, signature } = await told(body);
  assert.deepEqual(
    { forwarded, status, signature },
    { forwarded: { status: 202, body: '{"took":"it"}' }, status: 202, signature: "verified" },
  );
  assert.equal(
    await sent(url, "forged", OTHER_SECRET),
    202,
    "whether to trust it is for the receiver to say",
  );
  assert.equal((await told("forged")).signature, "refused");
  own.closeAllConnections();
  await new Promise((resolve) => own.close(resolve));
  assert.equal(await sent(url, "later"), 502);
  assert.match((await told("later")).forwarded.error, /did not answer: /);
});

test("people are shown what a forwarded request was answered with", async (t) => {
  const own = createServer((request, response) => {
    request.resume();
    response.writeHead(418).end('{"why":"a teapot"}');
  });
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  const io = new RecordedIo();
  const target = `http://127.0.0.1:${(own.address() as AddressInfo).port}/`; // it listens on TCP
  const ended = run(["listen", "--port", "0", "--secret", SECRET, "--forward-to", target], io);
  t.after(() => {
    io.stop();
    own.closeAllConnections();
    own.close();
    return ended;
  });
  const [, url = ""] = await io.stderr.shows(/Receiving webhooks on (http\S+), forwarding them to http/);
  await sent(url, "1");
  await io.stdout.shows(
    /418 {2}POST \/ .*\n {2}1\n {2}answered: 418\n {4}\{\n {6}"why": "a teapot"\n {4}\}\n/,
  );
});

test("an answer cannot be both forwarded and invented, and is forwarded over HTTP only", async () => {
  const both = await ran(["listen", "--port", "0", "--forward-to", "http://localhost:1/", "--status", "500"]);
  assert.deepEqual([both.code, /leave out --fail-rate and --status/.test(both.stderr)], [1, true]);
  const other = await ran(["listen", "--port", "0", "--forward-to", "localhost:3000"]);
  assert.deepEqual([other.code, /http or https URL/.test(other.stderr)], [1, true]);
});

test("a delayed answer does not keep it from stopping", async (t) => {
  const { url } = await listening(t, "--secret", SECRET, "--delay", "1h");
  const answer = fetch(url, { method: "POST", body: "x" });
  t.after(() => assert.rejects(answer));
});

test("people get one line for each request and its body, indented, unable to steer their terminal", async (t) => {
  const io = new RecordedIo();
  const ended = run(["listen", "--port", "0", "--secret", SECRET], io);
  t.after(() => {
    io.stop();
    return ended;
  });
  const [, url = ""] = await io.stderr.shows(/Receiving webhooks on (http\S+)/);
  await sent(url, '{"n":9007199254740993}');
  await io.stdout.shows(
    /^\S+ {2}200 {2}POST \/ {2}msg_1 #1 {2}verified\n {2}\{\n {4}"n": 9007199254740993\n {2}\}\n/,
  );
  await sent(url, "\u001b[2J", OTHER_SECRET);
  await io.stdout.shows(/401 .*NOT VERIFIED: no signature matches.*\n {2}\\x1b\[2J\n/);
});

test("a secret of the wrong form is refused at the start, and not printed", async () => {
  const { code, stderr } = await ran(["listen", "--port", "0", "--secret", "hunter2"]);
  assert.equal(code, 1);
  assert.match(stderr, /--secret: a webhook secret begins with whsec_/);
  assert.doesNotMatch(stderr, /hunter2/);
});

test("a port in use is named", async (t) => {
  const { url } = await listening(t);
  const { code, stderr } = await ran(["listen", "--port", new URL(url).port]);
  assert.equal(code, 1);
  assert.match(stderr, /^posthorn: cannot listen on 127\.0\.0\.1, port \d+ .*choose another with --port\n$/);
});
