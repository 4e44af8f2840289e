import { ceilingPostgres, ceilingSqlite } from "./ceilings.ts";
import { nodePeers } from "./node-peers.ts";
import { posthornPostgres, posthornSqlite } from "./posthorn.ts";
import { pythonPeers } from "./python-peers.ts";
import type { System } from "./system.ts";

export const systems: readonly System[] = [
  posthornSqlite,
  ceilingSqlite,
  posthornPostgres,
  ceilingPostgres,
  ...nodePeers,
  ...pythonPeers,
];

/** What `npm run bench` measures unless told otherwise: the product and its ceiling. */
export const HEADLINE = ["posthorn-sqlite", "ceiling-sqlite"];
