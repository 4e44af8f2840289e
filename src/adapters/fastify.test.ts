import fastify from "fastify";
import { backgroundContract } from "./background-contract.ts";
import { backgroundTasks } from "./fastify.ts";

backgroundContract("Fastify", async ({ runner, route, errorStatus }) => {
  const app = fastify();
  app.register(backgroundTasks, { runner });
  app.post("/", (request, reply) => {
    const answer = route(request.background);
    if (!(answer instanceof Promise)) return reply.code(answer.status).send(answer.body);
    return answer.then(({ status, body }) => reply.code(status).send(body));
  });
  if (errorStatus !== undefined)
    app.setErrorHandler((_error, _request, reply) => reply.code(errorStatus).send("failed"));
  await app.ready();
  return app.server;
});
