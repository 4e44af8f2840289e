import { after, before } from "node:test";
import { describeStore } from "../store-contract.ts";
import { openedStore } from "../test-kit/store-under-test.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { type Emptied, rememberNew } from "./test-kit/emptied.ts";
import { startTestServer, type TestServer } from "./test-kit/server.ts";

let server: TestServer;
let url: string;
let emptied: Emptied;

before(async () => {
  server = await startTestServer();
  url = await server.newDatabase();
  await (await openPostgresStore({ url })).close();
  emptied = await rememberNew(url);
});
after(async () => {
  await emptied.close();
  await server.stop();
});

/** One database for all, emptied after each: a small part of the time that a new one takes. */
describeStore("the PostgreSQL store", () =>
  openedStore(
    async (on) => openPostgresStore({ url: on === "data" ? url : await server.newDatabase() }),
    () => emptied.again(),
  ),
);
