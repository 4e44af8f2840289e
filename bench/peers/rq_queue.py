"""RQ on Redis: `uvicorn rq_queue:api`, `rq worker-pool deliveries`. Results are kept in Redis as well."""

from typing import Any

import httpx
from fastapi import FastAPI
from redis import Redis
from rq import Queue, Retry
from deliver_request import LIMITS, REDIS_URL, TIMEOUT, DeliverRequest

queue = Queue("deliveries", connection=Redis.from_url(REDIS_URL))
client = httpx.Client(limits=LIMITS, timeout=TIMEOUT)
api = FastAPI()


def send(target_url: str, payload: Any) -> int:
    return client.post(target_url, json=payload).raise_for_status().status_code


@api.post("/webhooks/deliver", status_code=202)
def deliver(request: DeliverRequest) -> dict[str, str]:
    job = queue.enqueue(send, request.target_url, request.payload, retry=Retry(max=9))
    return {"job_id": job.id, "status": "queued"}
