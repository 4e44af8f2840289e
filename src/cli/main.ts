#!/usr/bin/env node
import { tooOldNode } from "../core/process/node-version.ts";

// only what every Node with modules understands, so that one too old for the rest is told so
const tooOld = tooOldNode(process.versions.node);
if (tooOld === undefined) {
  void import("./serve/start.ts").then(({ start }) => start());
} else {
  console.error(tooOld);
  process.exitCode = 1;
}
