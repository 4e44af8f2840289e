import { task } from "posthorn";

/** As a user's module imports it. */
export const greet = task("greet", { run: () => "hello" });
