/**
 * Measures Posthorn, alone or next to the others: `npm run bench`, `npm run bench -- --peers`. See README.md in this folder.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inOneLine, thisMachine } from "./machine/machine.ts";
import { measure } from "./measure.ts";
import { Meeting } from "./meeting.ts";
import { readOptions, USAGE } from "./options.ts";
import { chartsOf } from "./report/charts.ts";
import { ratiosOf } from "./report/ratios.ts";
import type { Result } from "./report/result.ts";
import { tableOf } from "./report/table.ts";
import { HEADLINE as HEADLINE_SCENARIOS, scenarios } from "./scenarios/catalogue.ts";
import { misfit, type Scenario } from "./scenarios/scenario.ts";
import { select } from "./selection.ts";
import { HEADLINE as HEADLINE_SYSTEMS, systems } from "./systems/catalogue.ts";
import { posthornAgainst } from "./systems/posthorn.ts";
import { missing } from "./systems/requirements.ts";
import type { System } from "./systems/system.ts";

const VOID = 3;
const MISUSED = 2;
const { options, chosenScenarios, chosenSystems } = chosen();
const ready: System[] = [];
for (const system of chosenSystems) {
  const reason = await missing(system);
  if (reason === undefined) ready.push(system);
  else console.error(`left out: ${system.title}: ${reason}`);
}

// the same for all processes of a run, so that none leaves a key file behind
process.env.POSTHORN_MASTER_KEY ??= randomBytes(32).toString("base64");

const machine = thisMachine();
console.error(inOneLine(machine));
const results: Result[] = [];
for (const scenario of chosenScenarios) results.push(...(await allOf(scenario)));
keep(options.out ?? join(import.meta.dirname, "results", machine.at.replaceAll(":", "-")));
if (options.json) console.log(JSON.stringify({ machine, options, results }, null, 2));
if (results.some((result) => result.void !== undefined)) process.exitCode = VOID;

function chosen() {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.list) {
      list();
      process.exit();
    }
    const everySystem = systems.map(({ name }) => name);
    const systemNames = options.systems ?? (options.peers ? everySystem : HEADLINE_SYSTEMS);
    return {
      options,
      chosenScenarios: select("scenario", scenarios, options.scenarios ?? HEADLINE_SCENARIOS),
      chosenSystems: withAgainst(select("system", systems, systemNames), options.against),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(MISUSED);
  }
}

/** Each Posthorn, and after it that of the other checkout. */
function withAgainst(chosen: readonly System[], checkout: string | undefined): System[] {
  const others = checkout === undefined ? [] : posthornAgainst(checkout);
  return chosen.flatMap((system) => [
    system,
    ...others.filter(({ name }) => name === `${system.name}-against`),
  ]);
}

function list(): void {
  console.log(`${USAGE}\n\nscenarios:`);
  for (const { name, what } of scenarios) console.log(`  ${name.padEnd(18)} ${what}`);
  console.log("\nsystems:");
  for (const { name, title, durability } of systems) {
    console.log(`  ${name.padEnd(18)} ${title}; ${durability}`);
  }
}

async function allOf(scenario: Scenario): Promise<Result[]> {
  const found: Result[] = [];
  // round by round, so that systems which are compared run next to each other
  for (let round = 1; round <= options.rounds; round++) {
    for (const together of groups(ready.filter((system) => misfit(scenario, system) === undefined))) {
      const titles = together.map(({ title }) => title).join(" and ");
      console.error(`${scenario.name}: ${titles}, round ${round} of ${options.rounds}`);
      const meeting = new Meeting(together.length);
      const measured = together.map(async (system) => {
        const { name, title, durability } = system;
        const outcome = await measure(scenario, system, options, meeting);
        return { scenario: scenario.name, system: name, title, durability, round, ...outcome };
      });
      found.push(...(await Promise.all(measured)));
    }
  }
  console.log(`\n${scenario.name}: ${scenario.what}`);
  console.log([tableOf(found), ...ratiosOf(found)].join("\n"));
  return found;
}

/** Those that are measured at the same time: each by itself, or with the one of the other checkout. */
function groups(all: readonly System[]): (readonly System[])[] {
  if (!options.sideBySide) return all.map((system) => [system]);
  const of = (system: System) => system.name.replace(/-against$/, "");
  return [...Map.groupBy(all, of).values()];
}

/** The figures and their charts, with the machine they were measured on. */
function keep(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "results.json"), JSON.stringify({ machine, options, results }, null, 2));
  for (const [name, drawing] of chartsOf(results, machine)) writeFileSync(join(folder, name), drawing);
  console.error(`\nresults and charts: ${folder}`);
}
