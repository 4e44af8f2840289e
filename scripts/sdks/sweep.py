"""Calls every method of Svix's Python library that the server offers, and lets it read the answers; 1.x and 2.x have other names for some."""

import datetime
import http.server
import os
import threading
import time

import svix.models as models
from svix.api import Svix, SvixOptions
from svix.exceptions import HttpError, HTTPValidationError
from svix.webhooks import Webhook, WebhookVerificationError

svix = Svix(os.environ["SVIX_TOKEN"], SvixOptions(server_url=os.environ["SVIX_SERVER_URL"]))
called = set()
deliveries = []


def call(resource, names, *args, on=None):
    of = on or svix
    for part in resource.split("."):
        of = getattr(of, part)
    name = next(each for each in names.split() if hasattr(of, each))
    called.add(f"{resource}.{name}")
    try:
        return getattr(of, name)(*args)
    except HttpError as error:
        raise AssertionError(f"{resource}.{name}: {error.code} {error.detail}") from error


def until(what, look):
    for _ in range(600):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited in vain until {what}")


def refused(status, run, code=None):
    try:
        run()
    except HttpError as error:
        assert error.status_code == status, error.status_code
        assert code is None or error.code == code, error.code
    except HTTPValidationError as error:
        assert status == 422 and error.detail
    else:
        raise AssertionError("it was not refused")


def made(names, **fields):
    """Of the first of these classes that there is, with the fields that it has."""
    of = next(getattr(models, name) for name in names.split() if hasattr(models, name))
    known = getattr(of, "__dataclass_fields__", {}) or getattr(of, "model_fields", {})
    return of(**{name: value for name, value in fields.items() if name in known})


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        deliveries.append((dict(self.headers), body))
        self.send_response(200)
        self.send_header("content-length", "6")
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *_):
        pass


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{receiver.server_port}/"
name = f"py-{os.getpid()}"

call("health", "get")
app = call("application", "get_or_create", made("ApplicationIn", name=name, uid=name))
assert call("application", "get_or_create", made("ApplicationIn", name="Again", uid=name)).id == app.id
other = call("application", "create", made("ApplicationIn", name="Other", metadata={"a": "1"}))
call("application", "upsert update", other.id, made("ApplicationIn", name="Changed"))
assert call("application", "patch", other.id, made("ApplicationPatch", metadata={"b": "2"})).metadata == {"b": "2"}
assert call("application", "get", name).id == app.id
assert call("application", "list").data
call("application", "delete", other.id)
refused(404, lambda: svix.application.get(other.id), "not_found")
refused(409, lambda: svix.application.create(made("ApplicationIn", name=name, uid=name)), "conflict")
refused(422, lambda: svix.application.create(made("ApplicationIn", name=name, uid="app_x")))

event_type = f"{name}.paid"
schemas = {"1": {"type": "object", "examples": [{"n": 1}]}}
call("event_type", "create", made("EventTypeIn", name=event_type, description="Paid", schemas=schemas))
call("event_type", "upsert update", event_type, made("EventTypeUpdate EventTypeUpsertIn", description="Paid.", schemas=schemas))
call("event_type", "patch", event_type, made("EventTypePatch", deprecated=False))
assert call("event_type", "get", event_type).name == event_type
assert call("event_type", "list").data
call("event_type", "create", made("EventTypeIn", name=f"{event_type}.old", description=""))
call("event_type", "delete", f"{event_type}.old")

endpoint = call("endpoint", "create", app.id, made("EndpointIn", url=url, uid="main", channels=["eu"]))
assert endpoint.channels == ["eu"] and not endpoint.disabled
call("endpoint", "upsert update", app.id, "main", made("EndpointUpdate EndpointUpsertIn", url=url, description="Ours"))
call("endpoint", "patch", app.id, "main", made("EndpointPatch", event_types=[event_type], filter_types=[event_type]))
assert call("endpoint", "get", app.id, "main").id == endpoint.id
assert len(call("endpoint", "list", app.id).data) == 1
call("endpoint", "set_headers update_headers headers_update", app.id, "main", made("EndpointHeadersIn", headers={"x-a": "1"}))
call("endpoint", "patch_headers headers_patch", app.id, "main", made("EndpointHeadersPatchIn", headers={"x-b": "2"}))
assert call("endpoint", "get_headers", app.id, "main").headers == {"x-a": "1", "x-b": "2"}
call("endpoint", "rotate_secret", app.id, "main", made("EndpointSecretRotateIn"))
key = call("endpoint", "get_secret", app.id, "main").key
assert call("endpoint", "send_example", app.id, "main", made("EventExampleIn", event_type=event_type)).event_type == event_type

message_in = lambda: made("MessageIn", event_type=event_type, event_id="evt_1", payload={"n": 2})
message = call("message", "create", app.id, message_in())
refused(409, lambda: svix.message.create(app.id, message_in()), "conflict")
assert call("message", "list", app.id).data
assert call("message", "get", app.id, "evt_1").id == message.id
assert call("message", "precheck", app.id, made("MessagePrecheckIn", event_type=event_type)).active
headers, body = until("it was delivered", lambda: next((each for each in deliveries if each[0].get("svix-id") == message.id), None))
Webhook(key).verify(body, headers)
try:
    Webhook(key).verify(body + b" ", headers)
    raise AssertionError("what was changed is no longer signed")
except WebhookVerificationError:
    pass

attempt = until("there is an attempt", lambda: call("message_attempt", "list_by_msg", app.id, message.id).data)[0]
assert attempt.response in ("thanks", "{}") and attempt.response_status_code == 200
assert call("message_attempt", "list_by_endpoint", app.id, "main").data
assert call("message_attempt", "get", app.id, message.id, attempt.id).id == attempt.id
assert call("message_attempt", "list_attempted_messages", app.id, "main").data
assert call("message_attempt", "list_attempted_destinations", app.id, message.id).data[0].id == endpoint.id
call("message_attempt", "resend", app.id, message.id, "main")
call("message_attempt", "expunge_content", app.id, message.id, attempt.id)
call("message", "expunge_content", app.id, message.id)
since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
recovery = call("endpoint", "recover", app.id, "main", made("RecoverIn", since=since))
ended = lambda task: until("it has ended", lambda: call("background_task", "get", task.id).status == "finished")
ended(call("endpoint", "replay_missing", app.id, "main", made("ReplayIn", since=since)))
assert call("background_task", "get", recovery.id).id == recovery.id
assert call("background_task", "list").data
if hasattr(svix.endpoint, "bulk_replay"):
    ended(call("endpoint", "bulk_replay", app.id, "main", made("BulkReplayIn", since=since, event_types=[event_type])))
if hasattr(svix.message, "bulk_expunge_content"):
    call("message", "bulk_expunge_content", app.id, made("BulkExpungeContentsIn", ids=[message.id]))
if hasattr(svix.message, "expunge_all_contents"):
    assert call("message", "expunge_all_contents", app.id).task == "application.purge_content"
call("endpoint", "get_stats", app.id, "main")
if hasattr(svix.endpoint, "get_attempt_stats"):
    call("endpoint", "get_attempt_stats", app.id, "main")
call("endpoint", "delete", app.id, "main")
operational = "operational_webhook.endpoint" if hasattr(svix, "operational_webhook") else "operational_webhook_endpoint"
hook = call(operational, "create", made("OperationalWebhookEndpointIn", url=url)).id
call(operational, "upsert update", hook, made("OperationalWebhookEndpointUpdate OperationalWebhookEndpointUpsertIn", url=url, description="Ours"))
assert call(operational, "get", hook).id == hook
assert call(operational, "list").data
assert call(operational, "get_secret", hook).key
call(operational, "rotate_secret", hook, made("OperationalWebhookEndpointSecretIn"))
call(operational, "set_headers update_headers", hook, made("OperationalWebhookEndpointHeadersIn", headers={"x-a": "1"}))
assert call(operational, "get_headers", hook).headers == {"x-a": "1"}
call(operational, "delete", hook)
access = call("authentication", "app_portal_access", app.id, made("AppPortalAccessIn"))
theirs = Svix(access.token, SvixOptions(server_url=os.environ["SVIX_SERVER_URL"]))
assert theirs.application.get(app.id).id == app.id
refused(403, lambda: theirs.application.list())
call("authentication", "logout", on=theirs)
refused(401, lambda: theirs.application.get(app.id))
if hasattr(svix.authentication, "dashboard_access"):
    call("authentication", "dashboard_access", app.id)
call("authentication", "expire_all", app.id, made("ApplicationTokenExpireIn"))
refused(501, lambda: svix.integration.list(app.id), "not_implemented")
call("application", "delete", app.id)
print(f"{len(called)} methods")
