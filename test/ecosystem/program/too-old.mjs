// What a program says on a Node that is too old: one sentence, and no other error.
import { openPosthorn } from "posthorn";
import { openTestPosthorn } from "posthorn/testing";

for (const open of [() => openPosthorn({ database: "trial.db" }), () => openTestPosthorn()]) {
  await open().then(
    () => console.log("it opened"),
    ({ name, message }) => console.log(`${name}: ${message}`),
  );
}
