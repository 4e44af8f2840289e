import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { freePort, Launched } from "../machine/launched.ts";
import type { Service } from "./service.ts";

/** What is missing, or undefined. */
export function redisMissing(): string | undefined {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "no redis-server on the PATH (on Debian: apt-get install redis-server)";
  }
}

/**
 * As BullMQ's guide for production says: append-only file, synced every second, nothing evicted. Snapshots are off, because
 * the file keeps everything already.
 * @param appendfsync `always` syncs before each answer, which nobody recommends, but is what 202 after a sync takes.
 */
export async function startRedis(parent: string, appendfsync: "everysec" | "always"): Promise<Service> {
  const port = await freePort();
  const folder = mkdtempSync(join(parent, "redis-"));
  const redis = await Launched.start({
    file: "redis-server",
    args: [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
      ...["--appendonly", "yes", "--appendfsync", appendfsync],
      ...["--save", "", "--maxmemory-policy", "noeviction"],
    ],
    ready: /Ready to accept connections/,
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: redis.pid,
    counters: async () => {
      const info = await infoOf(port);
      const field = (name: string) =>
        Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? Number.NaN);
      return {
        statements: field("total_commands_processed"),
        // once it has been rewritten, its size no longer tells what was written
        logBytes: field("aof_rewrites") > 0 ? Number.NaN : field("aof_current_size"),
      };
    },
    stop: () => redis.stop(),
  };
}

async function infoOf(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write("INFO everything\r\nQUIT\r\n");
  return text(socket);
}
