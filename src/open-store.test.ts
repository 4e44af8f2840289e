import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "./core/errors.ts";
import { databaseName, isPostgres, openStore } from "./open-store.ts";

const NEITHER = [
  " postgres://app:DBPW@db/app",
  '"postgres://app:DBPW@db/app"',
  "postgress://app:DBPW@db/app",
  "mysql://app:DBPW@db/app",
  "postgres:app:DBPW@db/app",
  "postgres:/app:DBPW@db/app",
  "//app:DBPW@db/app",
  "app:DBPW@db/app",
  "a:DBPW@db/app",
  ":DBPW@db/app",
  "my_app:DBPW@db/app",
  "host=db user=app password=DBPW",
  "user = app host = DBPW",
  "data.db password=DBPW",
  "PGPASSWORD=DBPW",
  "file:///app.db?key=DBPW",
  "file:app.db?key=DBPW",
  "app.db?key=DBPW",
  "jdbc:postgresql://db/app?user=app&password=DBPW",
  "C:app:DBPW",
];

test("a name that is neither a path nor a connection string is refused, and not repeated", async () => {
  for (const database of NEITHER) {
    for (const ask of [openStore, async () => databaseName(database), async () => isPostgres(database)]) {
      await assert.rejects(ask(database), (error) => {
        assert.ok(error instanceof ConfigurationError, `${database}: ${error}`);
        assert.ok(!error.message.includes("DBPW"));
        assert.match(error.message, /postgres:\/\/user:password@host.*\.\//);
        return true;
      });
    }
  }
});

test("paths are paths, whatever is in their folders' names", () => {
  for (const path of [
    "app.db",
    ":memory:",
    "./2026-01-01T00:00.db",
    "/srv/a:b@c/app.db",
    "C:\\data\\app.db",
    "c:/data/app.db",
    "what?.db",
    "../x=y.db",
  ]) {
    assert.equal(isPostgres(path), false, path);
    assert.equal(databaseName(path), path);
  }
});

test("a connection string is shown without user, password and parameters", () => {
  assert.equal(databaseName("postgres://app:DB@PW@db:5432/app?password=DBPW"), "postgres://db:5432/app");
  assert.equal(databaseName("postgresql://db/app"), "postgresql://db/app");
});
