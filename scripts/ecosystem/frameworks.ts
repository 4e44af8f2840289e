import assert from "node:assert/strict";
import type { Cell, Workshop } from "./workshop.ts";

const TYPES = ["typescript@5.9", "@types/node@24"];
const CHECK = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--types", "node"];

/** Type-checks the program, the declarations that it uses included, and runs it. */
function framework(name: string, program: string, of: string, ...packages: string[]): Cell {
  return {
    area: "Frameworks",
    name,
    async try(workshop) {
      await workshop.set("frameworks", [...packages, ...TYPES]);
      await workshop.run("tsc", [...CHECK, "--allowImportingTsExtensions", program]);
      await workshop.ok("node", ["--no-warnings", program]);
      if (of === "hono") await onlyOneHono(workshop);
      return `${of} ${await workshop.version(of)}: types, best-effort tasks, the API mounted`;
    },
  };
}

async function onlyOneHono(workshop: Workshop): Promise<void> {
  const found = await workshop.run("npm", ["ls", "hono", "--all", "--parseable"]);
  assert.equal(new Set(found.trim().split("\n")).size, 1, found);
}

const next: Cell = {
  area: "Frameworks",
  name: "Next.js",
  async try(workshop) {
    const types = ["typescript@5.9", "@types/node@24", "@types/react"];
    await workshop.set("next", ["next", "react", "react-dom", ...types], { type: null });
    const bundlers = ["--turbopack", "--webpack"];
    for (const bundler of bundlers) {
      await workshop.run("next", ["build", bundler]);
      const server = workshop.start("next", ["start", "--hostname", "127.0.0.1", "--port", "0"]);
      try {
        const [url] = await server.prints(/http:\/\/127\.0\.0\.1:\d+/, 60_000);
        await workshop.ok("node", ["exercise.mjs", url]);
      } finally {
        server.signal("SIGTERM");
        await server.ended(30_000);
      }
    }
    return `next ${await workshop.version("next")}: route handler, instrumentation and a thread, built with Turbopack and with webpack`;
  },
};

const nest: Cell = {
  area: "Frameworks",
  name: "NestJS",
  async try(workshop) {
    const packages = [
      "@nestjs/core",
      "@nestjs/common",
      "@nestjs/platform-express",
      "@nestjs/testing",
      "reflect-metadata",
      "rxjs",
    ];
    await workshop.set("nest", [...packages, ...TYPES, "@types/express"], { type: "commonjs" });
    const options = CHECK.filter((option) => option !== "--noEmit");
    const files = ["check.ts", "orders.test.ts"];
    const secret = { WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };
    for (const type of ["commonjs", "module"]) {
      await workshop.run("npm", ["pkg", "set", `type=${type}`]);
      await workshop.run("tsc", [...options, "--experimentalDecorators", "--skipLibCheck", ...files]);
      await workshop.ok("node", ["check.js"], secret);
      await workshop.run("node", ["--test", "orders.test.js"], secret);
    }
    return `@nestjs/core ${await workshop.version("@nestjs/core")}: the application of [its guide](nestjs.md) and its test, compiled to CommonJS and to ES modules`;
  },
};

export const FRAMEWORKS: readonly Cell[] = [
  framework("Express 4", "express.ts", "express", "express@4", "@types/express@4"),
  framework("Express 5", "express.ts", "express", "express@5", "@types/express@5"),
  framework("Fastify 4", "fastify.ts", "fastify", "fastify@4"),
  framework("Fastify 5", "fastify.ts", "fastify", "fastify@5"),
  framework("Hono 4.6", "hono.ts", "hono", "hono@4.6.0", "@hono/node-server@1"),
  framework("Hono, newest", "hono.ts", "hono", "hono@4", "@hono/node-server"),
  next,
  nest,
];
