"""Arq on Redis: `uvicorn arq_queue:api`, `arq arq_queue.WorkerSettings`. Results are kept in Redis as well."""

from contextlib import asynccontextmanager
from typing import Any

import httpx
from arq import create_pool
from arq.connections import RedisSettings
from fastapi import FastAPI
from deliver_request import CONCURRENCY, LIMITS, REDIS_URL, TIMEOUT, DeliverRequest

redis_settings_ = RedisSettings.from_dsn(REDIS_URL)


async def send(ctx: dict[str, Any], target_url: str, payload: Any) -> int:
    answer = await ctx["client"].post(target_url, json=payload)
    return answer.raise_for_status().status_code


async def startup(ctx: dict[str, Any]) -> None:
    ctx["client"] = httpx.AsyncClient(limits=LIMITS, timeout=TIMEOUT)


async def shutdown(ctx: dict[str, Any]) -> None:
    await ctx["client"].aclose()


class WorkerSettings:
    functions = [send]
    on_startup = startup
    on_shutdown = shutdown
    redis_settings = redis_settings_
    max_jobs = CONCURRENCY
    max_tries = 10


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.queue = await create_pool(redis_settings_)
    yield
    await app.state.queue.aclose()


api = FastAPI(lifespan=lifespan)


@api.post("/webhooks/deliver", status_code=202)
async def deliver(request: DeliverRequest) -> dict[str, str]:
    job = await api.state.queue.enqueue_job("send", request.target_url, request.payload)
    return {"job_id": job.job_id, "status": "queued"}
