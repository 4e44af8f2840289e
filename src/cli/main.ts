#!/usr/bin/env node
// Uses only what every Node with modules understands, so that one too old for the rest is told so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `posthorn needs Node 22.18 or newer, and this is ${process.versions.node}; see https://nodejs.org/download`,
  );
  process.exitCode = 1;
} else {
  void import("./serve/start.ts").then(({ start }) => start());
}
