import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../../core/errors.ts";
import { parseHosts } from "./hosts.ts";

test("one host is one connection string, named without user and password", () => {
  const [host, ...others] = parseHosts("postgres://ann:s3cret@db.internal:5433/app?sslmode=require");
  assert.equal(host.url, "postgres://ann:s3cret@db.internal:5433/app?sslmode=require");
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

test("what is no PostgreSQL connection string is refused, and not repeated, for it may hold a password", () => {
  for (const url of ["", "app.db", "mysql://ann:s3cret@db/app", "postgres://ann:s3cret@one,two:port/app"]) {
    assert.throws(
      () => parseHosts(url),
      (error) => error instanceof ConfigurationError && !error.message.includes("s3cret"),
    );
  }
});
