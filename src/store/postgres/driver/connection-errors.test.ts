import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PosthornError, StoreUnavailableError, StoreUnusableError } from "../../../core/errors.ts";
import { openPostgresStore } from "../postgres-store.ts";
import { connectForTest, scratchServer } from "../test-kit/scratch.ts";
import { type CertificateName, certificatePath, startTlsProxy } from "../test-kit/tls-proxy.ts";

const server = scratchServer();

async function overTls(t: TestContext, certificate: CertificateName, host = "localhost"): Promise<string> {
  const proxy = await startTlsProxy(await server.newDatabase(), certificate);
  t.after(() => proxy.stop());
  const url = new URL(proxy.url);
  url.hostname = host;
  return url.href;
}

async function failure(url: string): Promise<PosthornError> {
  const store = await openPostgresStore({ url }).catch((error: unknown) => error);
  assert.ok(store instanceof PosthornError, `it opened, or threw ${store}`);
  return store;
}

const AUTHORITY = `sslrootcert=${certificatePath("authority")}`;

test("over TLS, a server whose certificate's authority is named opens, and no warning is printed", async (t) => {
  const warnings: string[] = [];
  const hear = ({ message }: Error) => void warnings.push(message);
  process.on("warning", hear);
  t.after(() => process.off("warning", hear));
  const url = await overTls(t, "localhost");
  for (const parameters of [
    `sslmode=verify-full&${AUTHORITY}`,
    `sslmode=require&${AUTHORITY}`,
    `sslmode=verify-ca&${AUTHORITY}`,
    "sslmode=no-verify",
    "uselibpqcompat=true&sslmode=require",
  ]) {
    await (await openPostgresStore({ url: `${url}?${parameters}` })).close();
  }
  await new Promise(setImmediate);
  assert.deepEqual(warnings, []);
});

test("what is wrong with a certificate is reported in a sentence that says what to do", async (t) => {
  const cases: [CertificateName, string, RegExp][] = [
    ["self-signed", "sslmode=require", /is self-signed, or signed by an authority of its own.*sslrootcert=/],
    ["localhost", "sslmode=require", /an authority that is unknown; .*sslrootcert=/],
    ["expired", `sslmode=verify-full&${AUTHORITY}`, /has expired; renew it/],
    ["elsewhere", `sslmode=verify-full&${AUTHORITY}`, /is for another host; .*db\.elsewhere\.test/],
  ];
  for (const [certificate, parameters, sentence] of cases) {
    const error = await failure(`${await overTls(t, certificate)}?${parameters}`);
    assert.match(error.message, sentence);
    assert.ok(error instanceof StoreUnusableError);
  }
});

test("a server without TLS, and files that are missing or hold no certificate, are distinguished from a server that is gone", async (t) => {
  const url = await server.newDatabase();
  const folder = mkdtempSync(join(tmpdir(), "posthorn-tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const rubbish = join(folder, "rubbish.pem");
  writeFileSync(rubbish, "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n");
  const tls = await overTls(t, "localhost");
  const cases: [string, RegExp][] = [
    [`${url}?sslmode=require`, /takes no TLS, .* sslmode=disable/],
    [
      `${url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`,
      /names \(sslrootcert, .*ENOENT.*'\/nowhere\/ca\.pem'$/,
    ],
    [`${tls}?sslmode=verify-full&sslcert=${rubbish}&sslkey=${rubbish}`, /cannot be used \(.*\)$/],
    [`${tls}?sslmode=disable`, /cannot be reached, or is not ready \(Connection terminated unexpectedly\)/],
    [
      `${tls}?sslmode=certainly`,
      /the sslmode in the .* is invalid; it takes disable, no-verify, .*verify-full$/,
    ],
    [`${tls}?sslmode=verify-ca&uselibpqcompat=true`, /verify-ca requires specifying a CA/],
  ];
  for (const [wrong, sentence] of cases) assert.match((await failure(wrong)).message, sentence);
});

test("a host that is not found is named, and may be found later", async () => {
  const url = new URL(await server.newDatabase());
  url.hostname = "nowhere.invalid";
  const error = await failure(url.href);
  assert.match(
    error.message,
    /^the host of the database nowhere\.invalid:\d+\/\w+ cannot be found \((ENOTFOUND|EAI_AGAIN)\)/,
  );
  assert.ok(error instanceof StoreUnavailableError);
});

test("a user who is not let in is told by which server and why, without the server's words about the user", async (t) => {
  const url = await server.newDatabase();
  const administrator = await connectForTest(t, url);
  await administrator.query("create role nologin_for_test nologin password 'x'");
  const changed = (change: (url: URL) => void) => {
    const copy = new URL(url);
    change(copy);
    return failure(copy.href);
  };
  const { user, password } = { user: new URL(url).username, password: new URL(url).password };
  const errors = {
    password: await changed((copy) => (copy.password = "wrong")),
    noPassword: await changed((copy) => (copy.password = "")),
    login: await changed((copy) => Object.assign(copy, { username: "nologin_for_test", password: "x" })),
    database: await changed((copy) => (copy.pathname = "/nowhere")),
  };
  await administrator.query("drop role nologin_for_test");
  assert.match(errors.password.message, /refused this user or its password$/);
  assert.match(errors.noPassword.message, /(asks for a password|refused this user or its password)/);
  assert.match(errors.login.message, /refused this user: it does not exist, or may not log in/);
  assert.match(errors.database.message, /there is no database .*\/nowhere; create it/);
  for (const { message } of Object.values(errors)) {
    assert.ok(!message.includes(password));
    assert.ok(!message.includes(`"${user}"`));
  }
});
