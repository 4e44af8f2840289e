import { JsonText } from "../../webhooks/accept/deliver-request.ts";

/** The JSON of an answer, in which every JsonText stands as it was written: numbers of any size, and lists within lists of any depth. */
export function asWritten(value: unknown): string {
  if (value instanceof JsonText) return value.text;
  if (!isPlain(value)) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${asWritten(member)}`],
  );
  return `{${members.join(",")}}`;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
