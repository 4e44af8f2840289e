const { openPosthorn, task } = require("posthorn");
const { backgroundTasks } = require("posthorn/express");

const double = task("double", { run: (n) => n * 2 });

async function main() {
  if (typeof backgroundTasks !== "function") throw new Error("posthorn/express cannot be required");
  const posthorn = await openPosthorn({ database: "trial.db", tasks: [double] });
  const { jobId } = await posthorn.enqueue(double, 21);
  const { result } = await posthorn.result(double, jobId, "20s");
  await posthorn.close();
  console.log(result === 42 ? "ok" : `it gave ${result}`);
}

void main();
