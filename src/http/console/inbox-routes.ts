import type { Context } from "hono";
import { z } from "zod";
import { json } from "../answer/answer.ts";
import type { BodyReader } from "../request/body.ts";
import { incomingOf } from "../request/incoming.ts";
import { readJsonBody } from "../request/json-body.ts";
import type { Fault, Inbox } from "./inbox.ts";
import { FAULTS } from "./inbox.ts";

const PATH = "/dev/inbox/{name}";
const PAUSE_SECONDS = 5;
/** Longer than a delivery waits for an answer, but short enough not to delay a stop of the server. */
const HANGS_MS = 20_000;

const faultBody = z.strictObject({ fault: z.enum(FAULTS) });

export interface InboxRoute {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly needs: "read";
  readonly scope: "server";
  handle(c: Context): Response | Promise<Response>;
}

/** `POST` is what is delivered, `GET` shows what came, `PUT` chooses what happens to the next. */
export function inboxRoutes(inbox: Inbox, bodies: BodyReader): readonly InboxRoute[] {
  const rule = { needs: "read", scope: "server", path: PATH } as const;
  const nameOf = (c: Context) => c.req.param("name") ?? "";
  return [
    { ...rule, method: "GET", handle: (c) => json(200, inbox.state(nameOf(c))) },
    {
      ...rule,
      method: "PUT",
      async handle(c) {
        const { body } = await readJsonBody(c, bodies, faultBody);
        inbox.become(nameOf(c), body.fault satisfies Fault);
        return json(200, inbox.state(nameOf(c)));
      },
    },
    {
      ...rule,
      method: "POST",
      async handle(c) {
        const body = Buffer.from(await bodies.read(c)).toString();
        const headers = Object.fromEntries(c.req.raw.headers);
        const answer = inbox.receive(nameOf(c), { method: c.req.method, headers, body });
        if (answer === "drop") incomingOf(c)?.socket.destroy();
        if (answer === "hang") await gone(c);
        if (typeof answer !== "number") return new Response(null, { status: 504 });
        const said = answer === 200 ? { received: true } : { error: "as you asked: this inbox fails" };
        return json(answer, said, answer === 429 ? { "retry-after": String(PAUSE_SECONDS) } : {});
      },
    },
  ];
}

/** Once the one that waits for the answer has gone. */
function gone(c: Context): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, HANGS_MS);
    timer.unref();
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    incomingOf(c)?.socket.once("close", end);
  });
}
