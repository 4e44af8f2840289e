import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Starts a process of its own for what a thread could not be stopped in: one long call into native code. It ends when this
 * process exits; when this one is killed, it learns of that from its channel, after the call.
 * @param entry where it begins: a module, or its code, as for a thread.
 * @param data what it finds behind its own name in `process.argv`.
 */
export function startProcess(entry: URL | string, data: readonly string[]): ChildProcess {
  const script = typeof entry === "string" ? "-" : fileURLToPath(entry);
  const child = spawn(process.execPath, [script, ...data], {
    stdio: ["pipe", "ignore", "ignore", "ipc"], // those who read what this one prints should see its end
    // what NODE_OPTIONS loads is for this process: its memory, its debugger, its traces
    env: { ...process.env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
    windowsHide: true,
  });
  child.stdin?.on("error", () => {}); // it has ended before it read its code, and "exit" tells so
  child.stdin?.end(typeof entry === "string" ? entry : "");
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end)).once("error", () => process.off("exit", end));
  return child;
}
