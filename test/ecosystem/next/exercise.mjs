// Against `next start`, whose address is given: a job from one request is looked up by the next.
const [url] = process.argv.slice(2);
const ordered = await fetch(`${url}/orders`, { method: "POST", body: '{"quantity": 21}' });
const { jobId } = await ordered.json();
const { status, result } = await (await fetch(`${url}/orders?job=${jobId}`)).json();
const squared = await (await fetch(`${url}/squares?of=9`)).json();
const isRight = ordered.status === 202 && status === "succeeded" && result === 42 && squared.result === 81;
console.log(isRight ? "ok" : { status, result, squared });
