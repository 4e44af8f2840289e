/**
 * What meters and statistics cost: Posthorn is loaded next to a copy of itself that counts nothing, in twelve rounds. The ratio of the
 * processor time per delivery is the figure. Options are those of run.ts.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHECKOUT = join(import.meta.dirname, "..");
/** What a build takes. */
const COPIED = ["src", "scripts", "console", "package.json", "tsconfig.json", "tsconfig.build.json"];

/** In src/assemble/observation.ts: the meters hear nothing, and neither statistics nor groups of failures are kept. */
const CHANGES = [
  ["import { Meters }", 'import { Instrument } from "../observe/instrument.ts";\nimport { Meters }'],
  ["new Meters(instrument, ", "new Meters(new Instrument(), "],
  ["counting: [failures, statistics, byEndpoint]", "counting: []"],
] as const;

const copy = mkdtempSync(join(tmpdir(), "posthorn-without-meters-"));
try {
  for (const name of COPIED) cpSync(join(CHECKOUT, name), join(copy, name), { recursive: true });
  symlinkSync(join(CHECKOUT, "node_modules"), join(copy, "node_modules"));
  const file = join(copy, "src/assemble/observation.ts");
  writeFileSync(file, changed(readFileSync(file, "utf8")));
  const systems = ["--scenario", "saturation,steady-500", "--system", "posthorn-sqlite,posthorn-postgres"];
  const rounds = ["--rounds", "12", "--seconds", "8", "--warm-up", "4", "--against", copy, "--side-by-side"];
  const { status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "run.ts"), ...systems, ...rounds, ...process.argv.slice(2)],
    { stdio: "inherit" },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function changed(source: string): string {
  return CHANGES.reduce((text, [was, is]) => {
    if (text.split(was).length !== 2)
      throw new Error(`src/assemble/observation.ts has changed: ${was} is not there once`);
    return text.replace(was, is);
  }, source);
}
