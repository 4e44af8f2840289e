import { Setting } from "../terminal/setting.ts";
import { port } from "../terminal/values.ts";

export function hostSetting(): Setting {
  return new Setting("--host <host>", "POSTHORN_HOST", "address to listen on").default("127.0.0.1");
}

export function portSetting(): Setting {
  return new Setting("--port <number>", "POSTHORN_PORT", "port to listen on, 0 for any").takes(port, "8000");
}
