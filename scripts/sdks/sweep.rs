// Calls the methods of Svix's Rust library that the server offers, and lets it read the answers.
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures::future::try_join_all;
use serde_json::json;
use svix::api::*;
use svix::error::{Error, Result};
use svix::webhooks::Webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

static CALLED: AtomicUsize = AtomicUsize::new(0);

async fn must<T>(call: impl Future<Output = Result<T>>) -> T {
    CALLED.fetch_add(1, Relaxed);
    call.await.unwrap()
}

async fn refused<T>(status: u16, call: impl Future<Output = Result<T>>) {
    match call.await {
        Err(Error::Http(error)) => {
            assert_eq!(error.status.as_u16(), status);
            assert!(error.payload.is_some());
        }
        Err(Error::Validation(error)) => {
            assert_eq!(error.status.as_u16(), status);
            assert!(error.payload.is_some());
        }
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

type Delivery = (http::HeaderMap, Vec<u8>);

/** Reads one delivery of a connection, answers it, and hands it on. */
async fn receive(mut socket: TcpStream, arrived: mpsc::UnboundedSender<Delivery>) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if socket.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut headers = http::HeaderMap::new();
        for line in head.lines().skip(1) {
            if let Some((name, value)) = line.split_once(':') {
                let name: http::HeaderName = name.parse().ok()?;
                headers.insert(name, value.trim().parse().ok()?);
            }
        }
        let length: usize = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
        while bytes.len() < end + length {
            if socket.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        let body = bytes[end..end + length].to_vec();
        bytes.drain(..end + length);
        let _ = arrived.send((headers, body));
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nthanks").await.ok()?;
    }
}

#[tokio::main]
#[allow(deprecated)]
async fn main() {
    let options = SvixOptions { server_url: std::env::var("SVIX_SERVER_URL").ok(), ..Default::default() };
    let svix = Svix::new(std::env::var("SVIX_TOKEN").unwrap(), Some(options));
    let name = format!("rust-{}", std::process::id());

    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    let (arrived, mut deliveries) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = receiver.accept().await {
            tokio::spawn(receive(socket, arrived.clone()));
        }
    });

    must(svix.health().get()).await;
    let app_in = |name: &str, uid: &str| ApplicationIn { uid: Some(uid.into()), ..ApplicationIn::new(name.into()) };
    let applications = svix.application();
    let fifty = (0..50).map(|_| applications.get_or_create(app_in(&name, &name), None));
    let ids: HashSet<String> = try_join_all(fifty).await.unwrap().into_iter().map(|app| app.id).collect();
    assert_eq!(ids.len(), 1);
    let app = must(applications.get_or_create(app_in(&name, &name), None)).await.id;
    must(applications.update(app.clone(), app_in("Changed", &name))).await;
    let mut patch = ApplicationPatch::new();
    patch.metadata = Some(HashMap::from([("a".into(), "1".into())]));
    assert_eq!(must(applications.patch(app.clone(), patch)).await.metadata["a"], "1");
    must(applications.get(name.clone())).await;
    must(applications.list(None)).await;
    let other = must(applications.create(ApplicationIn::new("Other".into()), None)).await.id;
    must(applications.delete(other.clone())).await;
    refused(404, applications.get(other)).await;
    refused(409, applications.create(app_in(&name, &name), None)).await;
    refused(422, applications.create(app_in("", "app_x"), None)).await;

    let types = svix.event_type();
    let paid = format!("{name}.paid");
    let schemas = Some(json!({"1": {"examples": [{"n": 1}]}}));
    let mut type_in = EventTypeIn::new("Paid".into(), paid.clone());
    type_in.schemas = schemas.clone();
    must(types.create(type_in, None)).await;
    let mut type_update = EventTypeUpdate::new("Paid.".into());
    type_update.schemas = schemas;
    must(types.update(paid.clone(), type_update)).await;
    let mut type_patch = EventTypePatch::new();
    type_patch.deprecated = Some(false);
    must(types.patch(paid.clone(), type_patch)).await;
    must(types.get(paid.clone())).await;
    must(types.list(None)).await;
    let old = format!("{paid}.old");
    must(types.create(EventTypeIn::new("Old".into(), old.clone()), None)).await;
    must(types.delete(old, None)).await;

    let endpoints = svix.endpoint();
    let main = || "main".to_string();
    let mut endpoint_in = EndpointIn::new(url.clone());
    endpoint_in.uid = Some(main());
    endpoint_in.channels = Some(vec!["eu".into()]);
    let endpoint = must(endpoints.create(app.clone(), endpoint_in, None)).await.id;
    must(endpoints.update(app.clone(), main(), EndpointUpdate::new(url.clone()))).await;
    let mut endpoint_patch = EndpointPatch::new();
    endpoint_patch.filter_types = js_option::JsOption::Some(vec![paid.clone()]);
    let patched = must(endpoints.patch(app.clone(), main(), endpoint_patch)).await;
    assert_eq!(patched.filter_types, Some(vec![paid.clone()]));
    must(endpoints.get(app.clone(), main())).await;
    must(endpoints.list(app.clone(), None)).await;
    let one = HashMap::from([("x-a".to_string(), "1".to_string())]);
    must(endpoints.update_headers(app.clone(), main(), EndpointHeadersIn::new(one.clone()))).await;
    let mut headers_patch = EndpointHeadersPatchIn::new(HashMap::from([("x-b".to_string(), "2".to_string())]));
    headers_patch.delete_headers = Some(vec!["x-a".into()]);
    must(endpoints.patch_headers(app.clone(), main(), headers_patch)).await;
    let left = must(endpoints.get_headers(app.clone(), main())).await.headers;
    assert_eq!(left, HashMap::from([("x-b".to_string(), "2".to_string())]));
    must(endpoints.rotate_secret(app.clone(), main(), EndpointSecretRotateIn::new(), None)).await;
    let key = must(endpoints.get_secret(app.clone(), main())).await.key;
    must(endpoints.send_example(app.clone(), main(), EventExampleIn::new(paid.clone()), None)).await;
    must(endpoints.get_stats(app.clone(), main(), None)).await;

    let messages = svix.message();
    let mut message_in = MessageIn::new(paid.clone(), json!({"n": 2}));
    message_in.event_id = Some("evt_1".into());
    let MessageOut { id: message, timestamp: since, .. } = must(messages.create(app.clone(), message_in.clone(), None)).await;
    refused(409, messages.create(app.clone(), message_in, None)).await;
    let once = || Some(MessageCreateOptions { idempotency_key: Some(format!("{name}-3")), ..Default::default() });
    let third = MessageIn::new(paid.clone(), json!({"n": 3}));
    let first = must(messages.create(app.clone(), third.clone(), once())).await.id;
    assert_eq!(must(messages.create(app.clone(), third, once())).await.id, first);
    assert_eq!(must(messages.get(app.clone(), "evt_1".into(), None)).await.id, message);
    must(messages.list(app.clone(), None)).await;
    assert!(must(messages.precheck(app.clone(), MessagePrecheckIn::new(paid.clone()), None)).await.active);

    let (headers, body) = loop {
        let delivery = tokio::time::timeout(Duration::from_secs(60), deliveries.recv()).await.unwrap().unwrap();
        if delivery.0["svix-id"] == message.as_str() {
            break delivery;
        }
    };
    Webhook::new(&key).unwrap().verify(&body, &headers).unwrap();

    let attempts = svix.message_attempt();
    let attempt = loop {
        let page = attempts.list_by_msg(app.clone(), message.clone(), None).await.unwrap();
        if let Some(attempt) = page.data.into_iter().next() {
            break attempt.id;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    must(attempts.list_by_msg(app.clone(), message.clone(), None)).await;
    must(attempts.list_by_endpoint(app.clone(), endpoint.clone(), None)).await;
    must(attempts.get(app.clone(), message.clone(), attempt.clone(), None)).await;
    must(attempts.list_attempted_messages(app.clone(), endpoint.clone(), None)).await;
    must(attempts.list_attempted_destinations(app.clone(), message.clone(), None)).await;
    must(attempts.resend(app.clone(), message.clone(), endpoint.clone(), None)).await;
    must(attempts.expunge_content(app.clone(), message.clone(), attempt)).await;
    must(messages.expunge_content(app.clone(), message)).await;

    let tasks = svix.background_task();
    let ended = async |task: String| {
        while must(tasks.get(task.clone())).await.status == BackgroundTaskStatus::Running {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    ended(must(endpoints.bulk_replay(app.clone(), main(), BulkReplayIn::new(since.clone()), None)).await.id).await;
    ended(must(endpoints.replay_missing(app.clone(), main(), ReplayIn::new(since.clone()), None)).await.id).await;
    ended(must(endpoints.recover(app.clone(), main(), RecoverIn::new(since), None)).await.id).await;
    ended(must(messages.expunge_all_contents(app.clone(), None)).await.id).await;
    must(tasks.list(None)).await;

    let operational = svix.operational_webhook_endpoint();
    let hook = must(operational.create(OperationalWebhookEndpointIn::new(url.clone()), None)).await.id;
    must(operational.update(hook.clone(), OperationalWebhookEndpointUpdate::new(url))).await;
    must(operational.get(hook.clone())).await;
    must(operational.list(None)).await;
    must(operational.get_secret(hook.clone())).await;
    must(operational.rotate_secret(hook.clone(), OperationalWebhookEndpointSecretIn::new(), None)).await;
    must(operational.update_headers(hook.clone(), OperationalWebhookEndpointHeadersIn::new(one))).await;
    must(operational.get_headers(hook.clone())).await;
    must(operational.delete(hook)).await;

    let authentication = svix.authentication();
    let access = must(authentication.app_portal_access(app.clone(), AppPortalAccessIn::new(), None)).await;
    let theirs = svix.with_token(access.token);
    must(theirs.application().get(app.clone())).await;
    refused(403, theirs.application().list(None)).await;
    must(theirs.authentication().logout(None)).await;
    refused(401, theirs.application().get(app.clone())).await;
    must(authentication.dashboard_access(app.clone(), None)).await;
    must(authentication.expire_all(app.clone(), ApplicationTokenExpireIn::new(), None)).await;
    must(endpoints.delete(app.clone(), main())).await;
    must(applications.delete(app)).await;
    println!("{} calls", CALLED.load(Relaxed));
}
