import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../../core/errors.ts";
import { parseHosts, withoutSecrets } from "./hosts.ts";

test("one host is one connection string, named without user and password", () => {
  const [host, ...others] = parseHosts("postgres://ann:s3cret@db.internal:5433/app?sslmode=verify-full");
  assert.equal(host.url, "postgres://ann:s3cret@db.internal:5433/app?sslmode=verify-full");
  assert.equal(host.label, "db.internal:5433/app");
  assert.deepEqual(others, []);
});

test("several hosts share user, database and parameters", () => {
  assert.deepEqual(
    parseHosts("postgresql://ann@one,two:5433,[::1]:5434/app?sslmode=disable").map(({ url }) => url),
    [
      "postgresql://ann@one/app?sslmode=disable",
      "postgresql://ann@two:5433/app?sslmode=disable",
      "postgresql://ann@[::1]:5434/app?sslmode=disable",
    ],
  );
});

test("a host may be left out, for one named in the parameters or the default", () => {
  const [host] = parseHosts("postgres:///app?host=/var/run/postgresql");
  assert.equal(host.url, "postgres:///app?host=/var/run/postgresql");
  assert.doesNotMatch(host.label, /var/);
});

test("what the driver takes for verify-full is asked for by that name, unless libpq's meaning is wanted", () => {
  const tailOf = (parameters: string) => parseHosts(`postgres://db/app?${parameters}`)[0].url.split("?")[1];
  assert.equal(tailOf("sslmode=require&a=b"), "sslmode=verify-full&a=b");
  assert.equal(tailOf("a=b&sslmode=prefer"), "a=b&sslmode=verify-full");
  assert.equal(tailOf("sslmode=no-verify"), "sslmode=no-verify");
  assert.equal(tailOf("sslmode=require&uselibpqcompat=true"), "sslmode=require&uselibpqcompat=true");
});

test("the last @ before the path ends the user, so that no part of a password is shown as the host", () => {
  for (const user of [
    "ann:s3@cret",
    "ann:s3cret,s3cret",
    "ann:a:b",
    "ann:100%",
    "ann:%40%2Fs3cret",
    "a@b:s3 cret",
  ]) {
    const [host] = parseHosts(`postgres://${user}@one:5433/app?password=s3cret`);
    assert.equal(host.label, "one:5433/app");
    assert.ok(host.url.startsWith(`postgres://${user}@one:5433/app`));
  }
  assert.equal(
    withoutSecrets("POSTGRES://ann:s3@cret@one,two:5/app?x=s3cret#s3cret"),
    "POSTGRES://one,two:5/app",
  );
  assert.equal(withoutSecrets("postgres://one/s3%40cret"), "postgres://one");
});

test("what is not a PostgreSQL connection string is refused, and not repeated, because it may hold a password", () => {
  for (const url of [
    "",
    "app.db",
    "mysql://ann:s3cret@db/app",
    "postgres://ann:s3cret@one,two:port/app",
    "postgres://ann:s3cret/x@one/app",
    "postgres://ann:12/s3cret@one/app",
    "postgres://ann:12?s3cret@one/app",
    "postgres://ann:12#s3cret@one/app",
    "postgres://ann:1@2?s3cret@one/app",
    "postgres://ann%3As3cret@one/app",
    "postgres://ann%3As3cret%40one/app",
    "postgres://ann:s3cret%E0%A4@one/app",
    "postgres://ann:s3cret",
  ]) {
    assert.throws(
      () => parseHosts(url),
      (error) => error instanceof ConfigurationError && !error.message.includes("s3cret"),
    );
  }
});
