import { createServer } from "node:http";
import { backgroundContract } from "./background-contract.ts";
import { withBackground } from "./node-http.ts";

// Bare Node leaves what a handler throws to the process; to keep these tests alive, it is answered here.
backgroundContract("node:http", ({ runner, route, errorStatus = 500 }) => {
  const handler = withBackground(runner, (_request, response, background) => {
    const answer = route(background);
    if (!(answer instanceof Promise)) return void response.writeHead(answer.status).end(answer.body);
    return answer.then(({ status, body }) => void response.writeHead(status).end(body));
  });
  return createServer(async (request, response) => {
    try {
      await handler(request, response);
    } catch {
      response.writeHead(errorStatus).end("failed");
    }
  });
});
