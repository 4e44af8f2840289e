import { join } from "node:path";
import type { Command } from "../machine/launched.ts";
import type { Place, System } from "./system.ts";

const PEERS = join(import.meta.dirname, "../peers");
/** Where the benchmark installs what the Python peers need; Celery by itself. */
export const VENVS = { python: join(PEERS, ".venv"), celery: join(PEERS, ".venv-celery") } as const;
const IN_REDIS = "in Redis, synced every second: a power cut may lose a second";

type Venv = keyof typeof VENVS;

export const pythonPeers: readonly System[] = [
  backgroundTasks(1),
  backgroundTasks(2),
  {
    ...onRedis("celery", "Celery", "celery", ({ serviceUrl }) => ({
      ...python("celery", "celery", serviceUrl, [
        ...["-A", "celery_queue", "worker", "--pool=prefork", "--concurrency=4", "--loglevel=WARNING"],
      ]),
      ready: /\[queues\]/,
    })),
    durability: `${IN_REDIS}; a worker that dies loses what it runs (acks early, its default)`,
  },
  onRedis("rq", "RQ", "python", ({ serviceUrl }) =>
    python("python", "rq", serviceUrl, [
      ...["worker-pool", "deliveries", "--num-workers", "4", "--worker-class", "rq.worker.SimpleWorker"],
      ...["--url", serviceUrl, "--quiet"],
    ]),
  ),
  onRedis("arq", "Arq", "python", ({ serviceUrl }) => ({
    ...python("python", "arq", serviceUrl, ["arq_queue.WorkerSettings"]),
    ready: /Starting worker/,
  })),
];

function backgroundTasks(workers: number): System {
  return {
    name: workers === 1 ? "fastapi" : `fastapi-${workers}`,
    title: `FastAPI BackgroundTasks, ${workers} worker${workers === 1 ? "" : "s"}`,
    group: "peer",
    durability: "in memory: lost with its process",
    packages: "python",
    commands: () => [uvicorn("python", "background_tasks:app", "", workers)],
  };
}

function onRedis(name: string, title: string, venv: Venv, worker: (place: Place) => Command): System {
  return {
    name,
    title,
    group: "peer",
    durability: IN_REDIS,
    service: "redis",
    packages: venv,
    commands: (place) => [uvicorn(venv, `${name}_queue:api`, place.serviceUrl, 1), worker(place)],
  };
}

function uvicorn(venv: Venv, app: string, redisUrl: string, workers: number): Command {
  return {
    ...python(venv, "uvicorn", redisUrl, [
      ...[app, "--host", "127.0.0.1", "--port", "0", "--workers", String(workers), "--no-access-log"],
    ]),
    ready: /running on (http:\/\/[\d.:]+)/,
  };
}

function python(venv: Venv, program: string, redisUrl: string, args: readonly string[]): Command {
  return {
    file: join(VENVS[venv], "bin", program),
    args,
    folder: PEERS,
    env: { REDIS_URL: redisUrl, PYTHONPATH: PEERS, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
  };
}
