import { posix } from "node:path";
import { type FoundImport, scanImports } from "./scan-imports.ts";

/** Project-relative path (with forward slashes) to a file's text. */
export type SourceTree = ReadonlyMap<string, string>;

const maxLines = 400;
/** Of a folder's own, tests aside. */
const maxFiles = 30;
/** Where files and folders stay small, and names say something. */
const ruled = /^(?:src|console|bench)\/.*(?<!\.md)$/;
const vagueNames = /^(?:utils?|helpers?|managers?|common)$/;

/**
 * What each layer may import, besides itself. Lowest first: everything points downwards. A layer is a folder of src/,
 * or a file of src/ itself: its composition root, src/posthorn.ts, with its options and src/open-store.ts, and src/version.ts. `contract` is src/store/ without its databases, as types.
 */
const mayImport = {
  version: [],
  core: [],
  receiver: [],
  client: ["core"],
  observe: ["core"],
  secrets: ["core"],
  store: ["core"],
  engine: ["core", "store", "observe"],
  tasks: ["core", "contract", "engine", "observe"],
  webhooks: ["core", "secrets", "contract", "engine", "observe"],
  access: ["core", "secrets", "contract", "engine"],
  "open-store": ["core", "store", "database"],
  "posthorn-interface": ["access", "core", "secrets", "store", "engine", "tasks", "webhooks", "observe"],
  assemble: [
    "posthorn-interface",
    "access",
    "version",
    "core",
    "secrets",
    "store",
    "engine",
    "tasks",
    "webhooks",
    "observe",
  ],
  "posthorn-options": ["core", "tasks", "webhooks", "observe"],
  posthorn: [
    "posthorn-options",
    "posthorn-interface",
    "access",
    "version",
    "core",
    "secrets",
    "store",
    "open-store",
    "engine",
    "tasks",
    "webhooks",
    "assemble",
    "observe",
  ],
  testing: [
    "posthorn-interface",
    "access",
    "version",
    "core",
    "secrets",
    "store",
    "database",
    "engine",
    "tasks",
    "webhooks",
    "assemble",
    "posthorn",
    "observe",
    "receiver",
  ],
  http: [
    "access",
    "core",
    "secrets",
    "store",
    "engine",
    "tasks",
    "webhooks",
    "posthorn",
    "observe",
    "receiver",
  ],
  adapters: [
    "access",
    "version",
    "core",
    "store",
    "engine",
    "tasks",
    "webhooks",
    "posthorn",
    "http",
    "observe",
  ],
  cli: [
    "access",
    "version",
    "core",
    "secrets",
    "store",
    "database",
    "open-store",
    "engine",
    "tasks",
    "webhooks",
    "posthorn",
    "http",
    "adapters",
    "observe",
    "receiver",
  ],
} as const satisfies Record<string, readonly string[]>;

type Layer = keyof typeof mayImport;

/**
 * Every way in which the tree breaks the architecture, one sentence each, naming the file. Layers are ruled in src/;
 * size and names there, in console/ and in bench/; cycles and reaching into node_modules everywhere.
 */
export function violations(tree: SourceTree): string[] {
  const graph = new Map<string, Edge[]>();
  for (const [path, text] of tree) {
    if (/\.tsx?$/.test(path))
      graph.set(
        path,
        scanImports(text).flatMap((found) => resolve(path, found)),
      );
  }
  const found: string[] = [];
  for (const [path, text] of tree) {
    if (ruled.test(path)) found.push(...sizeViolations(path, text), ...nameViolations(path));
  }
  for (const edge of [...graph.values()].flat()) {
    if (edge.to.split("/").includes("node_modules")) {
      found.push(`${edge.from} reaches into node_modules: import the package by its name`);
    } else if (edge.from.startsWith("src/")) {
      found.push(...layerViolations(edge));
    }
  }
  return [...found, ...folderViolations(tree), ...cycleViolations(graph)];
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function resolve(from: string, { specifier, typeOnly }: FoundImport): Edge[] {
  const isPath = /^(?:\.|\/|file:)/.test(specifier) || specifier.includes("node_modules");
  return isPath ? [{ from, to: posix.join(posix.dirname(from), specifier), typeOnly }] : [];
}

function sizeViolations(path: string, text: string): string[] {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return lines > maxLines
    ? [`${path} has ${lines} lines, more than ${maxLines}: it holds more than one idea`]
    : [];
}

function folderViolations(tree: SourceTree): string[] {
  const files = [...tree.keys()].filter((path) => ruled.test(path) && !path.includes(".test."));
  return [...Map.groupBy(files, (path) => posix.dirname(path))]
    .filter(([, { length }]) => length > maxFiles)
    .map(([folder, { length }]) => `${folder} holds ${length} files, more than ${maxFiles}: give it rooms`);
}

function nameViolations(path: string): string[] {
  const words = path
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words
    .filter((word) => vagueNames.test(word))
    .map((word) => `${path} says "${word}": name the idea instead`);
}

function layerViolations({ from, to, typeOnly }: Edge): string[] {
  const layer = layerOf(from);
  const target = layerOf(to);
  if (layer === undefined)
    return [`${from} belongs to no layer: src/ holds ${Object.keys(mayImport).join(", ")}`];
  if (isTest(from) && (to.startsWith("test/") || target === "posthorn" || databaseOf(to) !== undefined))
    return [];
  if (isTest(to) && !isTest(from)) return [`${from} imports ${to}, which only tests may`];
  if (target === undefined) return [`${from} imports ${to}, which is outside every layer`];

  const allowed: readonly string[] = mayImport[layer];
  const database = databaseOf(to);
  if (database !== undefined) {
    const isItsOwn = databaseOf(from) === database;
    return isItsOwn || allowed.includes("database")
      ? []
      : [`${from} imports ${to}: only src/posthorn.ts, src/testing, src/cli and tests may name a database`];
  }
  if (target === layer || allowed.includes(target)) return [];
  if (target === "store" && allowed.includes("contract")) {
    return typeOnly ? [] : [`${from} imports ${to} at run time: ${layer} may only use the store's types`];
  }
  return [`${from} imports ${to}: ${layer} may not import ${target}`];
}

function layerOf(path: string): Layer | undefined {
  const [root, first] = path.split("/");
  if (root !== "src" || first === undefined) return undefined;
  const name =
    /^(posthorn|posthorn-interface|posthorn-options|version|open-store)(\.test)?\.ts$/.exec(first)?.[1] ??
    first;
  return Object.hasOwn(mayImport, name) ? (name as Layer) : undefined; // hasOwn has just shown that it is a key
}

/** "sqlite" for what is under src/store/sqlite/: one of the store's databases, not its contract. */
function databaseOf(path: string): string | undefined {
  const folder = /^src\/store\/([^/]+)\//.exec(path)?.[1];
  return folder === "test-kit" || folder === "shelves" ? undefined : folder;
}

/** Tests, and what only tests use. tsconfig.build.json leaves the same files out of the package. */
function isTest(path: string): boolean {
  return /(?:\.test|-contract)\.ts$/.test(path) || path.includes("/test-kit/");
}

function cycleViolations(graph: ReadonlyMap<string, readonly Edge[]>): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      found.push(`circular import: ${[...trail.slice(start), path].join(" → ")}`);
      return;
    }
    if (finished.has(path)) return;
    for (const { to } of graph.get(path) ?? []) walk(to, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}
