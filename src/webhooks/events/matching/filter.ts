import { InvalidInputError, messageOf } from "../../../core/errors.ts";
import { isJsonList, isJsonObject, type Json, parseExactly } from "../../../core/json/exact-json.ts";
import { wrong } from "../../../core/options.ts";
import { jsonOf } from "../../accept/given-json.ts";
import { readCondition } from "./condition.ts";
import type { PayloadFilter } from "./endpoint-matcher.ts";
import { FilterReading, type Path } from "./filter-reading.ts";
import { parsePath, valueAt } from "./json-path.ts";

/** As JSON, as it is written. */
const MOST_BYTES = 4_096;
const PATH: Path = ["filter"];

type Test = (payload: Json) => boolean;

/**
 * Checks a filter, docs/filters.md, and returns its JSON, which `compileFilter` takes.
 * @param value the filter; as a `JsonText` its numbers may have more digits than a double holds.
 * @throws InvalidInputError naming every place that is wrong.
 */
export function filterOf(value: unknown): string {
  const text = jsonOf(value, PATH);
  compileFilter(text);
  return text;
}

/**
 * @param text as `filterOf` returned it.
 * @throws InvalidInputError for anything else.
 */
export function compileFilter(text: string): PayloadFilter {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) throw wrong(PATH, `must be at most ${MOST_BYTES} bytes as JSON; it has ${bytes}`);
  const reading = new FilterReading(PATH);
  const matches = readFilter(parsed(text), PATH, 1, reading);
  if (reading.problems.length > 0) throw new InvalidInputError(reading.problems);
  return { matches };
}

function parsed(text: string): Json {
  try {
    return parseExactly(text);
  } catch (error) {
    throw wrong(PATH, `is not JSON: ${messageOf(error)}`);
  }
}

const FILTER_TAKES = "paths that begin with $, all, any and not";

function readFilter(json: Json, path: Path, depth: number, reading: FilterReading): Test {
  if (!reading.isWithinDepth(depth, path)) return () => false;
  if (!isJsonObject(json)) return reading.refuse(path, `must be an object; it takes ${FILTER_TAKES}`);
  const tests = Object.entries(json).map(([name, value]) =>
    readMember(name, value, [...path, name], depth, reading),
  );
  if (tests.length === 0)
    return reading.refuse(path, "must have a condition; without a filter, all is wanted");
  return (payload) => tests.every((test) => test(payload));
}

function readMember(name: string, value: Json, path: Path, depth: number, reading: FilterReading): Test {
  if (name.startsWith("$")) return readPathTest(name, value, path, depth, reading);
  switch (name) {
    case "all": {
      const tests = readList(value, path, depth, reading);
      return (payload) => tests.every((test) => test(payload));
    }
    case "any": {
      const tests = readList(value, path, depth, reading);
      return (payload) => tests.some((test) => test(payload));
    }
    case "not": {
      const test = readFilter(value, path, depth + 1, reading);
      return (payload) => !test(payload);
    }
    default:
      return reading.refuse(path, `is unknown; a filter takes ${FILTER_TAKES}`);
  }
}

function readList(value: Json, path: Path, depth: number, reading: FilterReading): Test[] {
  if (isJsonList(value) && value.length > 0)
    return value.map((each, at) => readFilter(each, [...path, at], depth + 1, reading));
  reading.refuse(path, "must be a list of at least one filter");
  return [];
}

function readPathTest(name: string, value: Json, path: Path, depth: number, reading: FilterReading): Test {
  const condition = readCondition(value, path, depth, reading);
  const steps = parsePath(name);
  if (steps === undefined)
    return reading.refuse(path, "is not a path to one value; write it like $.order.lines[0]['unit price']");
  return (payload) => condition(valueAt(payload, steps));
}
