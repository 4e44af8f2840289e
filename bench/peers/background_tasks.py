"""FastAPI's BackgroundTasks with httpx: no queue, nothing kept but in memory."""

from asyncio import Semaphore
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
from fastapi import BackgroundTasks, FastAPI
from deliver_request import CONCURRENCY, LIMITS, TIMEOUT, DeliverRequest

status: dict[str, str] = {}
# Without it they queue up inside httpx's pool of connections, which takes longer for each the more there are.
slots = Semaphore(CONCURRENCY)


@asynccontextmanager
async def lifespan(app: FastAPI):
    # one client for all, as httpx recommends
    async with httpx.AsyncClient(limits=LIMITS, timeout=TIMEOUT) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


async def send(job_id: str, request: DeliverRequest) -> None:
    status[job_id] = "running"
    try:
        async with slots:
            answer = await app.state.client.post(request.target_url, json=request.payload)
        answer.raise_for_status()
        status[job_id] = "succeeded"
    except httpx.HTTPError:
        status[job_id] = "failed"


@app.post("/webhooks/deliver", status_code=202)
async def deliver(request: DeliverRequest, background_tasks: BackgroundTasks) -> dict[str, str]:
    job_id = uuid4().hex
    status[job_id] = "queued"
    background_tasks.add_task(send, job_id, request)
    return {"job_id": job_id, "status": "queued"}
