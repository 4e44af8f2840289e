"""What every Python peer's API takes, and how it sends: the same for all of them."""

import os
from typing import Any

import httpx
from pydantic import BaseModel

# As many deliveries at once as Posthorn's default.
CONCURRENCY = 64
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")

LIMITS = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
# A delivery may wait for a free connection as long as it takes: it was accepted.
TIMEOUT = httpx.Timeout(15, pool=None)


class DeliverRequest(BaseModel):
    target_url: str
    payload: Any
