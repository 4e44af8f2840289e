import type { Context } from "hono";
import { z } from "zod";
import { byOf } from "../../access/by.ts";
import type { Caller } from "../../access/permission.ts";
import { payloadsShown } from "../../redaction/payloads-shown.ts";
import { revealed } from "../../redaction/reveal.ts";
import { headerOf } from "../../request/incoming.ts";
import { parseQuery } from "../../request/parse.ts";
import { RequestError } from "../../request/request-error.ts";
import type { Route, Services } from "../../route.ts";

const query = z.strictObject({
  ...revealed,
  dry_run: z
    .enum(["true", "false"])
    .meta({ description: "true: only check whether a backup could be made now." })
    .optional(),
});

const TYPE = "application/vnd.sqlite3";

export function backupRoute({ posthorn, backups, clock }: Services): Route {
  return {
    method: "GET",
    path: "/backup",
    needs: "admin",
    scope: "server",
    reveals: true,
    operation: {
      id: "downloadBackup",
      tag: "Server",
      summary: "Download a backup of the database",
      description:
        "A snapshot of the SQLite file, as posthorn backup makes it: it is made while everything goes on, and checked from end to end before its first byte is sent. It contains every payload, so it requires a key with full payloads; it does not contain the master key. Meanwhile it needs twice the database's size in free disk space, which is free again however the download ends. Only one backup is made at a time. 409 on PostgreSQL, which has its own tools. Recorded in the audit.",
      query,
      answers: {
        200: { description: "The backup, a SQLite file.", type: TYPE },
        204: { description: "With dry_run: a backup could be made now.", type: null },
      },
      problems: [409, 422],
    },
    async handle(c, caller) {
      const { reveal, dry_run: dryRun } = parseQuery(query, c.req.url);
      refuseOtherPages(c);
      refuseLessThanAll(c, caller);
      backups.check();
      if (dryRun === "true") return new Response(null, { status: 204 });
      const moment = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(":", "-");
      const headers = {
        "content-type": TYPE,
        "content-disposition": `attachment; filename="posthorn-${moment}Z.db"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      };
      // Hono drops the body of an answer to HEAD unread, and would leave a download that nobody ends
      if (c.req.raw.method === "HEAD") return new Response(null, { headers });
      const { bytes, backup } = await backups.open(caller, c.req.raw.signal);
      try {
        await posthorn.audit.backedUp(backup, byOf(c, caller, reveal));
      } catch (error) {
        await bytes.cancel();
        throw error;
      }
      return new Response(bytes, { headers: { ...headers, "content-length": String(backup.bytes) } });
    },
  };
}

/**
 * Another site's page could have the browser of somebody who may ask for one, again and again.
 * @throws RequestError 403
 */
function refuseOtherPages(c: Context): void {
  const site = headerOf(c, "sec-fetch-site");
  if (site === null || site === "same-origin" || site === "none") return;
  throw new RequestError("a backup has to be asked for by the console's own pages, or by a program", {
    status: 403,
    code: "forbidden",
  });
}

/** @throws RequestError 403 */
function refuseLessThanAll(c: Context, caller: Caller): void {
  if (payloadsShown(c, caller, { reveals: true }) === "full") return;
  throw new RequestError(
    "a backup holds every payload, so it requires a key with full payloads; anyone who is signed in to the console also has to say why: ?reveal=REASON",
    { status: 403, code: "forbidden" },
  );
}
