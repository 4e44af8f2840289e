import assert from "node:assert/strict";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { test } from "node:test";
import { ConfigurationError } from "../core/errors.ts";
import type { Posthorn } from "../posthorn.ts";
import { mountContract } from "./mount-contract.ts";
import { toNodeHandler } from "./mount-node.ts";

mountContract("node:http", (posthorn, options) => {
  const api = toNodeHandler(posthorn, options);
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith(`${options.basePath}/`)) return api(request, response);
    if (request.url !== "/own") return void response.writeHead(404).end();
    response.end(String(((await json(request)) as { n: number }).n));
  });
  return { server, api };
});

test("an invalid base path is refused", () => {
  for (const basePath of ["background", "/background/", "/", "/a//b", "/a?b", "/ä"]) {
    assert.throws(() => toNodeHandler({} as Posthorn, { basePath }), ConfigurationError); // the handler never looks at it
  }
});
