import type { Child } from "../../src/cli/test-kit/child.ts";
import { until } from "../support/until.ts";
import type { PostgresServer } from "./postgres.ts";

/** Stops a worker (SIGSTOP) at a moment at which it has jobs in its hand. */
export async function stopWithJobs({ process }: Child, postgres: PostgresServer): Promise<void> {
  await until("it is stopped with jobs in its hand", async () => {
    process.kill("SIGSTOP");
    const [row] = await postgres.query(
      "postgres",
      `select count(*) as held
      from posthorn.leases
      where worker = (select id from posthorn.workers where pid = ${process.pid})`,
    );
    if (Number(row?.held) > 0) return true;
    process.kill("SIGCONT");
    return false;
  });
}
