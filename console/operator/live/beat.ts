import { signal } from "@preact/signals";
import { base, connection, offers } from "./server.ts";

/** One second of the whole server, as `GET /stats/live` tells it. */
export interface Tick {
  readonly [series: string]: unknown;
}

/** Goes up whenever what is shown may be out of date. */
export const beat = signal(0);
/** Goes up each second, for what counts down. */
export const second = signal(0);
export const paused = signal(false);
export const lastTick = signal<Tick | undefined>(undefined);

const POLL_MS = 5_000;
const STREAM = "GET /stats/live";
/** What other processes did does not show in this one's seconds: look now and then anyway. */
const QUIET_TICKS = 5;
let ticks = 0;
const CHANNEL = "posthorn.live";

/**
 * News from the server: one of the tabs of a browser, chosen by a lock, holds the stream and passes on what comes, because over
 * HTTP/1.1 a browser has six connections for all of them. A server without the stream is asked every five seconds.
 */
export function beginLive(): void {
  setInterval(() => {
    second.value++;
  }, 1_000);
  setInterval(() => {
    if (isWatched() && (!offers(STREAM) || connection.peek().state === "lost")) beat.value++;
  }, POLL_MS);
  document.addEventListener("visibilitychange", () => {
    if (isWatched()) beat.value++;
  });
  if (!("locks" in navigator) || !offers(STREAM)) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Tick>) => take(data);
  void navigator.locks.request(CHANNEL, () => lead(channel));
}

/** Holds the stream until the tab is closed. */
function lead(channel: BroadcastChannel): Promise<never> {
  const source = new EventSource(`${base}/stats/live`);
  source.addEventListener("tick", ({ data }: MessageEvent<string>) => {
    const tick = JSON.parse(data) as Tick; // as the server writes it
    channel.postMessage(tick);
    take(tick);
  });
  source.onerror = () => {
    connection.value = { ...connection.peek(), state: "lost" };
  };
  return new Promise(() => {});
}

function take(tick: Tick): void {
  connection.value = { state: "live", lastNews: Date.now() };
  lastTick.value = tick;
  ticks++;
  if (isWatched() && (ticks % QUIET_TICKS === 0 || hasHappened(tick))) beat.value++;
}

/** Whether anything came, ended or failed in this second. */
function hasHappened({ now: _, ...counts }: Tick): boolean {
  return Object.values(counts).some((value) => typeof value === "number" && value > 0);
}

function isWatched(): boolean {
  return !paused.peek() && document.visibilityState === "visible";
}
