import { type Command, InvalidArgumentError, Option } from "commander";
import { ConfigurationError } from "../../core/errors.ts";

/** A command's option, set by a flag or, without the flag, by an environment variable. */
export class Setting extends Option {
  readonly variable: string;

  /**
   * @param flags as commander writes them: `--port <number>`, `--dev`, `--no-worker`.
   * @param variable gives the value when the flag does not. For a flag without value: `true` or `false`.
   */
  constructor(flags: string, variable: string, description: string) {
    // a default stands last, as where commander writes it
    super(flags, description.replace(/(?= \(default: .*\)$)|$/, ` [${variable}]`));
    this.variable = variable;
    if (this.required) this.argParser(filled);
  }

  /** Reads the value with `parse`; `byDefault` is written as a user would write it. */
  takes<T>(parse: (text: string) => T, byDefault?: string): this {
    this.argParser((text) => parse(text));
    return byDefault === undefined ? this : this.default(parse(byDefault), byDefault || "none");
  }

  /** A flag that may be given several times; each time, `parse` may give several values. Default: none. */
  collects<T>(parse: (text: string) => readonly T[]): this {
    this.argParser((text, before: readonly T[] | undefined) => {
      const values = parse(text);
      if (values.length === 0) throw empty();
      return [...(before ?? []), ...values];
    });
    return this.default([], "none");
  }

  /** The value that the environment variable's string stands for. */
  fromVariable(text: string): unknown {
    if (!this.required && !this.optional) return truth(this.variable, text) !== this.negate;
    try {
      return this.parseArg ? this.parseArg(text, undefined) : text;
    } catch (cause) {
      if (!(cause instanceof InvalidArgumentError)) throw cause;
      throw new ConfigurationError(`${this.variable}=${text} is invalid. ${cause.message}`, { cause });
    }
  }
}

/** Adds settings in the order in which help lists them; under a heading of their own, if there is one. */
export function addSettings(command: Command, settings: readonly Setting[], heading?: string): Command {
  for (const setting of settings) command.addOption(heading ? setting.helpGroup(heading) : setting);
  return command;
}

/** Which settings a command was given, by flags and by variables of the environment; their values may be secrets. */
export function settingsGiven(command: Command): string[] {
  const given: string[] = [];
  for (let at: Command | null = command; at; at = at.parent)
    for (const option of at.options) {
      const source = at.getOptionValueSource(option.attributeName());
      if (source === "cli") given.push(option.long ?? option.flags);
      else if (source === "env" && option instanceof Setting) given.push(option.variable);
    }
  return given;
}

/** Fills in from the environment what no flag set. An empty variable counts as unset. */
export function applyEnvironment(command: Command, env: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    if (!(option instanceof Setting)) continue;
    const text = env[option.variable];
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    if (!text || (source !== undefined && source !== "default")) continue;
    command.setOptionValueWithSource(name, option.fromVariable(text), "env");
  }
}

/** An empty value is most often a variable of a shell that is not set, and what it would mean is a surprise: an empty host is every address. */
function filled(text: string): string {
  if (text.trim() === "") throw empty();
  return text;
}

function empty(): InvalidArgumentError {
  return new InvalidArgumentError("It is empty; leave the option out, or give it a value.");
}

function truth(variable: string, text: string): boolean {
  if (["1", "true", "yes", "on"].includes(text.toLowerCase())) return true;
  if (["0", "false", "no", "off"].includes(text.toLowerCase())) return false;
  throw new ConfigurationError(`${variable}=${text} is invalid. It takes true or false.`);
}
