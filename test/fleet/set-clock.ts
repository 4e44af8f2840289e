/**
 * Preloaded into a process: on SIGUSR2, its clock is moved by TEST_SET_CLOCK_MS milliseconds. Timers go on as they
 * do on a machine whose clock is set.
 */
const realNow = Date.now;
let aheadMs = 0;
Date.now = () => realNow() + aheadMs;
process.on("SIGUSR2", () => {
  aheadMs = Number(process.env.TEST_SET_CLOCK_MS);
});
