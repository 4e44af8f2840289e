import { spawn } from "node:child_process";
import type { Output } from "../terminal/io.ts";

const CTRL_C = "\u0003";
const CLEAR = "\u001b[2J\u001b[H";

/**
 * On a terminal: `o` opens the console in a browser, `l` clears the screen, `q` stops the server. Nothing is opened unasked.
 * @param address of the console.
 */
export function hearKeys(address: string, output: Output): void {
  const { stdin } = process;
  if (!stdin.isTTY || !output.isTTY) return;
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.unref();
  process.once("exit", () => stdin.setRawMode(false));
  stdin.on("data", (key: string) => {
    if (key === "o") open(address, output);
    if (key === "l") output.write(CLEAR);
    // in this mode the terminal hands Ctrl-C on as a character
    if (key === "q" || key === CTRL_C) process.kill(process.pid, "SIGINT");
  });
}

function open(address: string, output: Output): void {
  const [command, ...before] = opener();
  const child = spawn(command, [...before, address], { stdio: "ignore", detached: true });
  child.once("error", () => output.write(`no browser was found here; open ${address}\n`));
  child.unref();
}

function opener(): [string, ...string[]] {
  if (process.platform === "darwin") return ["open"];
  if (process.platform === "win32") return ["explorer"];
  return ["xdg-open"];
}
