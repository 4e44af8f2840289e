import { join } from "node:path";
import type { Command } from "../machine/launched.ts";
import type { Place, System } from "./system.ts";

export const nodePeers: readonly System[] = [
  onRedis("bullmq", "BullMQ", "in Redis, synced every second: a power cut may lose a second", "redis"),
  onRedis(
    "bullmq-fsync",
    "BullMQ, synced",
    "in Redis, synced before the 202: appendfsync always",
    "redis-fsync",
  ),
  onPostgres("pg-boss", "pg-boss", "pg-boss"),
  onPostgres("pg-boss-notify", "pg-boss, notified", "pg-boss", "notify"),
  onPostgres("graphile-worker", "graphile-worker", "graphile-worker"),
];

function onRedis(name: string, title: string, durability: string, service: "redis" | "redis-fsync"): System {
  return { name, title, group: "peer", durability, service, packages: "node", ...runBy("bullmq") };
}

function onPostgres(name: string, title: string, script: string, ...args: string[]): System {
  const durability = "on disk before the 202: synchronous_commit = on";
  return {
    name,
    title,
    group: "peer",
    durability,
    service: "postgres",
    packages: "node",
    ...runBy(script, ...args),
  };
}

function runBy(script: string, ...more: string[]): Pick<System, "commands" | "task"> {
  const node = (path: string, ready: RegExp, ...args: string[]): Command => ({
    file: process.execPath,
    args: [join(import.meta.dirname, "..", path), ...args],
    ready,
  });
  return {
    commands: ({ serviceUrl }: Place) => [
      node(`peers/${script}.ts`, /ready (http:\S+)/, serviceUrl, ...more),
    ],
    task: ({ serviceUrl }: Place, jobs) =>
      node(`peers/${script}-task.ts`, /(\{.*\})/, "--database", serviceUrl, "--jobs", String(jobs)),
  };
}
