/**
 * A process that traces, and runs jobs of the database that is its first argument, until its parent says `stop`. It sends
 * its spans each time it is asked, as `{ spans }`, and what handlers were given, as `{ given }`.
 */
import { openPosthorn, task } from "../../src/posthorn.ts";
import { tracing } from "./traced.ts";

const [, , database = ""] = process.argv;
const { spans } = tracing();
const work = task<string>("work", {
  retry: { attempts: 2, backoff: { delays: [0] } },
  run(input, { job, attempt }) {
    process.send?.({ given: job?.trace?.traceparent });
    if (input === "fails once" && attempt === 1) throw new Error("as it should");
  },
});
const posthorn = await openPosthorn({
  ...{ database, tasks: [work], allowTargets: ["127.0.0.1"] },
});
process.on("message", async (asked) => {
  if (asked === "spans") process.send?.({ spans: spans() });
  if (asked !== "stop") return;
  await posthorn.close();
  process.disconnect();
});
process.send?.({ ready: true });
