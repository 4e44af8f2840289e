"""Celery on Redis: `uvicorn celery_queue:api`, `celery -A celery_queue worker`. Results are kept in Redis as well."""

from typing import Any

import httpx
from celery import Celery
from fastapi import FastAPI
from deliver_request import LIMITS, REDIS_URL, TIMEOUT, DeliverRequest

app = Celery("deliveries", broker=REDIS_URL, backend=REDIS_URL)
client = httpx.Client(limits=LIMITS, timeout=TIMEOUT)
api = FastAPI()


@app.task(bind=True, autoretry_for=(httpx.HTTPError,), retry_backoff=True, max_retries=9)
def send(self, target_url: str, payload: Any) -> int:
    return client.post(target_url, json=payload).raise_for_status().status_code


@api.post("/webhooks/deliver", status_code=202)
def deliver(request: DeliverRequest) -> dict[str, str]:
    job = send.delay(request.target_url, request.payload)
    return {"job_id": job.id, "status": "queued"}
