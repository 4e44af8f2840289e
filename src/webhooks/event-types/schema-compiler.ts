import { _, Ajv2020, type KeywordCxt, type ValidateFunction } from "ajv/dist/2020.js";
import { type FieldProblem, InvalidInputError, messageOf } from "../../core/errors.ts";
import { BudgetSpent, CheckingBudget } from "./checking-budget.ts";
import { problemsOf } from "./schema-problems.ts";
import { checkRules, checkShape } from "./schema-rules.ts";
import { hasUniqueItems } from "./unique-items.ts";

type Path = FieldProblem["path"];

/** For one payload. */
const MOST_STEPS = 4_000_000;
/** While all problems are gathered, and not only the first is looked for. */
const MOST_STEPS_TO_TELL = 100_000;
/** In characters. In larger payloads the first problem is told: there may be as many as members. */
const LONGEST_TOLD_WHOLE = 65_536;

/** What a schema of ours has besides its own keywords: the steps that it takes to check a value against it, and what is in it. */
const COST = "posthorn:cost";

/** A schema, ready to check payloads. */
export class CompiledSchema {
  readonly #schema: object;
  readonly #budget = new CheckingBudget();
  readonly #patterns: ReturnType<typeof checkRules>["patterns"];
  readonly #first: ValidateFunction;
  /** Most payloads have no problem, so most schemas never need it. */
  #all: ValidateFunction | undefined;

  /**
   * @param text of a JSON Schema 2020-12.
   * @throws InvalidInputError naming what is wrong with it.
   */
  constructor(text: string, path: Path) {
    const schema = parsed(text, path);
    checkShape(schema, path);
    checkMeta(schema, path);
    const { places, patterns } = checkRules(schema, path, this.#budget);
    for (const place of places) place.schema[COST] = place.size;
    delete schema.$id; // a base for references, which all begin with #
    delete schema.$schema;
    this.#schema = schema;
    this.#patterns = patterns;
    this.#first = this.#compile("first", path);
  }

  /** What is wrong with a payload: at most ten problems, or only the first when it is larger than 64 KiB. */
  problemsIn(payload: string | Uint8Array, path: Path): readonly FieldProblem[] {
    let json: unknown;
    try {
      json = JSON.parse(typeof payload === "string" ? payload : utf8.decode(payload));
    } catch {
      return [{ path, detail: "is not JSON, which its type's schema requires" }];
    }
    const problems = this.#run(this.#first, json, path, MOST_STEPS);
    if (problems === undefined)
      return [
        { path, detail: "takes too long to check against its type's schema, or is nested too deeply for it" },
      ];
    if (problems.length === 0 || payload.length > LONGEST_TOLD_WHOLE) return problems;
    this.#all ??= this.#compile("all", path);
    return this.#run(this.#all, json, path, MOST_STEPS_TO_TELL) ?? problems;
  }

  /** Undefined when it takes too many steps, or levels of the call stack. */
  #run(validate: ValidateFunction, json: unknown, path: Path, steps: number): FieldProblem[] | undefined {
    this.#budget.grant(steps);
    try {
      return validate(json) ? [] : problemsOf(validate.errors ?? [], path);
    } catch (error) {
      if (error instanceof BudgetSpent || error instanceof RangeError) return undefined;
      throw error;
    } finally {
      validate.errors = null; // they hold parts of the payload
    }
  }

  /** An instance of its own, because one keeps all that it ever compiled. */
  #compile(told: "first" | "all", path: Path): ValidateFunction {
    const regExp = Object.assign((source: string) => this.#patternFor(source), { code: "SchemaPattern" });
    const ajv = new Ajv2020({
      allErrors: told === "all",
      code: { regExp, optimize: false }, // the optimisation takes quadratic time, and the whole call stack
      inlineRefs: false, // a large schema would be repeated for each reference to it
      logger: false,
      meta: false,
      multipleOfPrecision: 6, // 19.99 is a multiple of 0.01, though not as doubles
      strict: false, // keywords that are not known are annotations, as the standard has it
      validateFormats: false, // so are formats
      validateSchema: false,
    });
    this.#addCost(ajv);
    this.#replaceUniqueItems(ajv);
    try {
      return ajv.compile(this.#schema);
    } catch (error) {
      throw new InvalidInputError([{ path, detail: `cannot be used: ${messageOf(error)}` }]);
    }
  }

  #patternFor(source: string) {
    const pattern = this.#patterns.get(source);
    if (pattern === undefined) throw new Error(`the pattern ${source} was not checked`);
    return pattern;
  }

  #addCost(ajv: Ajv2020): void {
    const spend = (cost: number, value: unknown) => this.#budget.spend(cost + sizeOf(value));
    ajv.addKeyword({
      keyword: COST,
      schemaType: "number",
      code({ gen, schema, data }: KeywordCxt) {
        gen.code(_`${gen.scopeValue("func", { ref: spend })}(${schema}, ${data})`);
      },
    });
  }

  /** Ajv's own compares each item with each other. */
  #replaceUniqueItems(ajv: Ajv2020): void {
    const isUnique = (items: readonly unknown[]) => hasUniqueItems(items, this.#budget);
    ajv.removeKeyword("uniqueItems");
    ajv.addKeyword({
      keyword: "uniqueItems",
      type: "array",
      schemaType: "boolean",
      error: { message: "must not have the same item twice" },
      code(context: KeywordCxt) {
        if (context.schema !== true) return;
        context.fail(_`!${context.gen.scopeValue("func", { ref: isUnique })}(${context.data})`);
      },
    });
  }
}

/** As RFC 8259 §8.1 has JSON between systems. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Validates schemas; it takes a tenth of a second to make, once. */
let meta: Ajv2020 | undefined;

function checkMeta(schema: object, path: Path): void {
  meta ??= new Ajv2020({ logger: false, strict: false, validateFormats: false });
  if (meta.validateSchema(schema) === true) return;
  const [first] = problemsOf(meta.errors ?? [], path); // the others say why it is not one of the other things it could be
  throw new InvalidInputError([first ?? { path, detail: "is not a JSON Schema 2020-12" }]);
}

function parsed(text: string, path: Path): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError([{ path, detail: `is not JSON: ${messageOf(error)}` }]);
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length / 16;
  if (typeof value !== "object" || value === null) return 0;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}
