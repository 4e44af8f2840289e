import fastify from "fastify";
import { BackgroundRunner, openPosthorn } from "posthorn";
import { backgroundTasks, mountPosthorn } from "posthorn/fastify";
import { exercise } from "./exercise.ts";

const posthorn = await openPosthorn({ database: "app.db", worker: false });
const runner = new BackgroundRunner();
const ran: string[] = [];

const app = fastify();
await app.register(backgroundTasks, { runner });
mountPosthorn(app, posthorn, { basePath: "/background", access: "dev" });
app.post("/orders", async (request, reply) => {
  request.background.add((order: string) => ran.push(`receipt for ${order}`), "42");
  return reply.code(201).send({});
});

await app.listen({ host: "127.0.0.1", port: 0 });
await exercise(app.server, ran, () => posthorn.close());
