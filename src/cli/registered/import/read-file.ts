import { createReadStream, existsSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigurationError } from "../../../core/errors.ts";
import type { Io } from "../../terminal/io.ts";

/** @throws ConfigurationError when there is no such file, or it is not JSON; nothing of it is repeated, because it holds secrets. */
export async function readFile(file: string, io: Io): Promise<unknown> {
  if (file !== "-" && !existsSync(file))
    throw new ConfigurationError(`there is no file ${resolve(file)} to import`);
  const input = file === "-" ? io.stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new ConfigurationError(`${file === "-" ? "standard input" : resolve(file)} is not JSON`);
  }
}
