/**
 * A server whose one route answers 202 and adds three best-effort tasks. Each asks the URL that is the first argument, and ignores its
 * signal; the second says how long to drain on SIGTERM.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { withBackground } from "../../src/adapters/node-http.ts";
import type { Duration } from "../../src/core/duration.ts";
import { BackgroundRunner } from "../../src/tasks/background/background-runner.ts";

const [, , target = "", drainFor = ""] = process.argv;
const runner = new BackgroundRunner();
const server = createServer(
  withBackground(runner, (_request, response, background) => {
    for (let n = 1; n <= 3; n++) background.add(async () => fetch(`${target}/${n}`));
    response.writeHead(202).end();
  }),
);
server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));

process.once("SIGTERM", () => {
  console.log("stopping");
  server.close(async () => {
    const { dropped, running } = await runner.drain(drainFor as Duration);
    console.log(`dropped ${dropped}, running ${running}`);
    process.exit(0);
  });
});
