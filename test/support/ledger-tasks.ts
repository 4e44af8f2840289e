import { task } from "../../src/posthorn.ts";

/** Posts its input to a ledger, which says whether it fails. */
export const entry = task("entry", {
  retry: { attempts: 2, backoff: { initial: "20ms" } },
  async run(_, { job, attempt }) {
    if (!job) throw new Error("it is only enqueued");
    const answer = await fetch(
      `${process.env.LEDGER_URL}/${encodeURIComponent(job.lane)}/${job.id}/${attempt}`,
      {
        method: "POST",
      },
    );
    if (!answer.ok) throw new Error(`the ledger answered ${answer.status}`);
  },
});
