import { after, before, type TestContext } from "node:test";
import pg from "pg";
import type { Store } from "../../store.ts";
import { openPostgresStore, type PostgresOptions } from "../postgres-store.ts";
import { startTestServer, type TestServer } from "./server.ts";

/** Databases of a server that lives as long as the tests of the file. */
export type Scratch = Pick<TestServer, "newDatabase">;

/** Call it once, outside tests. */
export function scratchServer(flags?: readonly string[]): Scratch {
  let server: TestServer | undefined;
  before(async () => {
    server = await startTestServer(flags);
  });
  after(() => server?.stop());
  return {
    newDatabase(copied) {
      if (!server) throw new Error("the server is there only while tests run");
      return server.newDatabase(copied);
    },
  };
}

/** A store that is closed after the test. */
export async function openForTest(
  context: TestContext,
  url: string,
  options: Partial<PostgresOptions> = {},
): Promise<Store> {
  const store = await openPostgresStore({ url, ...options });
  context.after(() => store.close());
  return store;
}

/** A connection that is ended after the test. */
export async function connectForTest(context: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // some tests end it from elsewhere
  await client.connect();
  context.after(() => client.end());
  return client;
}
