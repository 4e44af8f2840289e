import { CommanderError } from "commander";
import { messageOf, PosthornError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { type Output, printJson } from "./io.ts";

/** Tells a person, or with `json` a program, what went wrong. Only unforeseen errors come with their stack. */
export function printError(output: Output, thrown: unknown, json: boolean): void {
  const { code, message } = described(thrown);
  if (json) printJson(output, { error: { code, message } });
  else output.write(`posthorn: ${printable(isForeseen(thrown) ? message : stackOf(thrown))}\n`);
}

function described(thrown: unknown): { code: string; message: string } {
  if (thrown instanceof CommanderError) {
    return {
      code: "usage",
      message: withoutValues(thrown)
        .replace(/^error: /, "")
        .replace(/\n/g, " "),
    };
  }
  return { code: codeOf(thrown) ?? "unexpected", message: messageOf(thrown) };
}

/** A mistyped `--databse=postgres://…` is repeated as far as it is a name: the rest may hold a password. */
function withoutValues({ code, message }: CommanderError): string {
  const isMistyped = code === "commander.unknownOption" || code === "commander.unknownCommand";
  return isMistyped ? message.replace(/'([^':@=]*)[:@=].*'/s, "'$1…'") : message;
}

function isForeseen(thrown: unknown): boolean {
  return thrown instanceof CommanderError || thrown instanceof PosthornError || isSystemError(thrown);
}

/** Refused by the operating system: the message names the call and the path. */
function isSystemError(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown;
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}

function stackOf(thrown: unknown): string {
  return (thrown instanceof Error && thrown.stack) || messageOf(thrown);
}
