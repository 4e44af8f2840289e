import { signingSecretOf } from "./database.ts";
import { type GlobalOptions, type Io, printJson } from "./terminal/io.ts";

/** Prints the secret that the server signs its deliveries with. */
export async function secret(options: GlobalOptions, io: Io): Promise<void> {
  const text = await signingSecretOf(options.database, io.env.POSTHORN_MASTER_KEY);
  if (options.json) printJson(io.stdout, { secret: text });
  else io.stdout.write(`${text}\n`);
}
