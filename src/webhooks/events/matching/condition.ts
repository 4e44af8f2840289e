import { compareNumbers, Decimal } from "../../../core/json/decimal.ts";
import { isJsonList, isJsonObject, type Json } from "../../../core/json/exact-json.ts";
import type { FilterReading, Path } from "./filter-reading.ts";

/** Whether the value at a path is as wanted; undefined when the payload has none there. */
export type Condition = (value: Json | undefined) => boolean;

type Scalar = null | boolean | string | number | Decimal;
type ReadOperator = (operand: Json, path: Path, depth: number, reading: FilterReading) => Condition;

/**
 * A string, number, boolean or null, which the value has to equal; or an object of operators, all of which have to hold.
 * @param depth of the filter around it.
 */
export function readCondition(json: Json, path: Path, depth: number, reading: FilterReading): Condition {
  if (isScalar(json)) return readEquality(json, path, reading);
  if (!isJsonObject(json))
    return reading.refuse(path, 'cannot be a list; one of several values is {"in": […]}');
  const entries = Object.entries(json);
  if (entries.length === 0) return reading.refuse(path, `must have an operator: ${KNOWN}`);
  const conditions = entries.map(([name, operand]) => {
    const read = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (read === undefined) return reading.refuse([...path, name], `is not an operator; there are ${KNOWN}`);
    if (name !== "not") reading.countCondition();
    return read(operand, [...path, name], depth, reading);
  });
  return (value) => conditions.every((condition) => condition(value));
}

const OPERATORS: Readonly<Record<string, ReadOperator>> = {
  in: readIn,
  not: readNot,
  gt: range((order) => order > 0),
  gte: range((order) => order >= 0),
  lt: range((order) => order < 0),
  lte: range((order) => order <= 0),
  prefix: readPrefix,
  exists: readExists,
};

const KNOWN = Object.keys(OPERATORS).join(", ");

function readEquality(wanted: Scalar, path: Path, reading: FilterReading): Condition {
  reading.countCondition();
  refuseHalf(wanted, path, reading);
  return (value) => isEqual(value, wanted);
}

function readIn(operand: Json, path: Path, _depth: number, reading: FilterReading): Condition {
  if (!isJsonList(operand) || operand.length === 0)
    return reading.refuse(path, "must be a list of at least one string, number, boolean or null");
  const wanted: Scalar[] = [];
  for (const [at, each] of operand.entries()) {
    if (isScalar(each)) wanted.push(each);
    else reading.refuse([...path, at], "must be a string, a number, a boolean or null");
    refuseHalf(each, [...path, at], reading);
  }
  return (value) => wanted.some((each) => isEqual(value, each));
}

function readNot(operand: Json, path: Path, depth: number, reading: FilterReading): Condition {
  if (!reading.isWithinDepth(depth + 1, path)) return () => false;
  const condition = readCondition(operand, path, depth + 1, reading);
  return (value) => !condition(value);
}

function range(holds: (order: number) => boolean): ReadOperator {
  return (operand, path, _depth, reading) => {
    refuseHalf(operand, path, reading);
    if (typeof operand === "string")
      return (value) => typeof value === "string" && holds(compareCodePoints(value, operand));
    if (isNumber(operand)) return (value) => isNumber(value) && holds(compareNumbers(value, operand));
    return reading.refuse(path, "must be a number, or a string");
  };
}

function readPrefix(operand: Json, path: Path, _depth: number, reading: FilterReading): Condition {
  if (typeof operand !== "string" || operand === "")
    return reading.refuse(path, "must be a string of at least one character");
  refuseHalf(operand, path, reading);
  return (value) => typeof value === "string" && value.startsWith(operand);
}

function readExists(operand: Json, path: Path, _depth: number, reading: FilterReading): Condition {
  if (typeof operand !== "boolean") return reading.refuse(path, "must be true or false");
  return (value) => (value !== undefined) === operand;
}

/** Half a surrogate pair stands for no character, so that nothing could be said about its order or what begins with it. */
function refuseHalf(operand: Json, path: Path, reading: FilterReading): void {
  if (typeof operand === "string" && !operand.isWellFormed())
    reading.refuse(path, "contains half a surrogate pair");
}

function isScalar(value: Json): value is Scalar {
  return value === null || typeof value !== "object" || value instanceof Decimal;
}

function isNumber(value: Json | undefined): value is number | Decimal {
  return typeof value === "number" || value instanceof Decimal;
}

function isEqual(value: Json | undefined, wanted: Scalar): boolean {
  return value === wanted || (isNumber(value) && isNumber(wanted) && compareNumbers(value, wanted) === 0);
}

/** The order of the characters' numbers, which is also that of their UTF-8; `<` compares halves of surrogate pairs. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Puts the halves of pairs, which stand for U+10000 and above, after U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
