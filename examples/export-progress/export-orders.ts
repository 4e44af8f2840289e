import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { task } from "posthorn";
import { z } from "zod";
import { orderRows } from "./order-rows.ts";

const ROWS_A_STEP = 5_000;

/** @param folder where finished exports are. */
export function defineExport(folder: string) {
  return task("export-orders", {
    input: z.object({ rows: z.int().min(1).max(10_000_000) }),
    timeout: "10m",
    retry: { attempts: 3 },
    async run({ rows }, { job, signal, progress }) {
      if (!job) throw new Error("an export is asked for with posthorn.enqueue: its file has the job's id");
      const file = `${job.id}.csv`;
      const part = join(folder, `${file}.part`); // another attempt writes it again from the start
      async function* csv() {
        yield "id,placed_at,item,amount\n";
        for (let done = 0; done < rows; ) {
          const step = Math.min(ROWS_A_STEP, rows - done);
          yield orderRows(done + 1, step);
          done += step;
          progress(done / rows, `${done} of ${rows} rows`);
        }
      }
      try {
        await pipeline(csv, createWriteStream(part), { signal });
        await rename(part, join(folder, file)); // there is never half a file under this name
      } finally {
        await rm(part, { force: true });
      }
      return { file, rows };
    },
  });
}
