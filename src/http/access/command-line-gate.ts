import { BY_COMMAND_LINE } from "../../core/actor.ts";
import type { Caller, Gate } from "./permission.ts";

const OPERATOR: Caller = { id: "cli", actor: { ...BY_COMMAND_LINE, role: "admin" }, payloads: "full" };

/** For requests that are made within this process, by someone who has the database itself. */
export const commandLineGate: Gate = { admit: () => OPERATOR };
