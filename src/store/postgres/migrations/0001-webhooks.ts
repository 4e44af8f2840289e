export const WEBHOOKS = /* sql */ `
-- Moved by each change of what is registered, so that every process knows when what it remembers is out of date.
create table posthorn.registry (
  id integer primary key check (id = 1),
  version bigint not null
);

insert into posthorn.registry (id, version) values (1, 0);

-- At which version a scope (a tenant's id, or *types, *keys) changed last.
create table posthorn.registry_scopes (
  scope text collate "C" primary key,
  version bigint not null
);

create unique index registry_scopes_by_version on posthorn.registry_scopes (version);

create table posthorn.tenants (
  id text collate "C" primary key,
  -- the caller's own name for it
  uid text collate "C",
  name text not null,
  -- as JSON: an object of strings, and what is limited
  metadata text not null,
  limits text,
  mode text collate "C" not null check (mode in ('live', 'test')),
  made_by text not null check (made_by in ('api', 'endpoint', 'event')),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);

create unique index tenants_by_uid on posthorn.tenants (uid) where uid is not null and deleted_at is null;
create index tenants_by_mode on posthorn.tenants (mode, id) where deleted_at is null;
create index tenants_deleted_by_uid on posthorn.tenants (uid, deleted_at) where uid is not null and deleted_at is not null;
create index tenants_deleted on posthorn.tenants (deleted_at) where deleted_at is not null;

create table posthorn.endpoints (
  id text collate "C" primary key,
  tenant text collate "C" not null,
  uid text collate "C",
  url text not null,
  description text not null,
  -- as JSON: what it wants; null for everything
  event_types text,
  channels text,
  filter text,
  metadata text not null,
  -- both sealed before they come here
  headers text,
  secrets text not null,
  -- as JSON: what it asks of a sender; its secrets are sealed
  auth text,
  -- the name of the proxy that deliveries go through
  egress text,
  header_style text not null check (header_style in ('webhook', 'svix', 'both')),
  signature text not null check (signature in ('hmac', 'ed25519')),
  sends_event_type boolean not null,
  timeout_ms integer,
  -- as JSON
  retry text,
  limits text,
  verification text,
  status text not null check (status in ('active', 'paused', 'disabled')),
  status_reason text,
  status_actor text,
  status_at bigint not null,
  -- one more with each change
  revision bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);

create unique index endpoints_by_uid on posthorn.endpoints (tenant, uid) where uid is not null and deleted_at is null;
create index endpoints_by_tenant on posthorn.endpoints (tenant, id) where deleted_at is null;
create index endpoints_by_status on posthorn.endpoints (status) where deleted_at is null;
create index endpoints_deleted on posthorn.endpoints (deleted_at) where deleted_at is not null;
create index endpoints_deleted_by_tenant on posthorn.endpoints (tenant, id) where deleted_at is not null;

-- What each change of an endpoint changed, without its secrets.
create table posthorn.endpoint_history (
  endpoint text collate "C" not null,
  revision bigint not null,
  tenant text collate "C" not null,
  at bigint not null,
  actor text,
  reason text,
  -- as JSON: by field, what it was and what it became
  change text not null,
  primary key (endpoint, revision)
);

-- Of endpoints that have failed; one without a row is healthy.
create table posthorn.endpoint_health (
  endpoint text collate "C" primary key,
  tenant text collate "C" not null,
  -- one more with each change
  version bigint not null,
  breaker text not null check (breaker in ('closed', 'open', 'half_open')),
  failures integer not null,
  failing_since bigint,
  opened_at bigint,
  probe_at bigint,
  probes integer not null,
  last_success_at bigint,
  last_failure_at bigint,
  last_error text,
  updated_at bigint not null
);

create index endpoint_health_by_tenant on posthorn.endpoint_health (tenant, endpoint);
create index endpoint_health_by_probe on posthorn.endpoint_health (probe_at) where probe_at is not null;
create index endpoint_health_failing on posthorn.endpoint_health (endpoint) where failing_since is not null;

create table posthorn.event_types (
  name text collate "C" primary key,
  description text not null,
  -- as JSON: a JSON Schema for each version
  schemas text,
  enforce text not null check (enforce in ('off', 'warn', 'refuse')),
  is_archived boolean not null,
  is_deprecated boolean not null,
  feature_flags text,
  group_name text,
  created_at bigint not null,
  updated_at bigint not null
);

-- Which event has which id of its caller's; gone when the event is.
create table posthorn.event_keys (
  tenant text collate "C" not null,
  event_id text collate "C" not null,
  event uuid not null,
  fingerprint text not null,
  created_at bigint not null,
  primary key (tenant, event_id)
);

-- Events with more endpoints than the transaction that accepted them made jobs for.
create table posthorn.fanouts (
  event uuid primary key,
  tenant text collate "C" not null,
  -- their ids, as JSON
  endpoints text not null,
  -- how many of them have their jobs
  cursor integer not null,
  run_at bigint,
  -- of its event
  tags text,
  created_at bigint not null
);
create index fanouts_by_tenant on posthorn.fanouts (tenant);

-- Pruned from the front forever, together with events.
alter table posthorn.event_keys set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000);

-- The access tokens of endpoints that ask for one, sealed; shared by all processes, and in no export.
create table posthorn.access_tokens (
  endpoint text collate "C" primary key,
  tenant text collate "C" not null,
  -- names the credentials that it was asked for with
  credentials text not null,
  -- one more with each change
  version integer not null,
  token text,
  obtained_at bigint,
  expires_at bigint,
  -- until then, one process asks for the next
  claimed_until bigint,
  refused_at bigint,
  error text,
  error_class text,
  retry_at bigint
);

create index access_tokens_by_tenant on posthorn.access_tokens (tenant);

-- Who may look after a tenant's endpoints in the portal: codes that are good for one exchange, and tokens.
create table posthorn.portal_passes (
  id text collate "C" primary key,
  tenant text collate "C" not null,
  session text collate "C" not null,
  kind text not null,
  hash text not null,
  capabilities text not null,
  -- as JSON: what it shows of the event types besides those for everyone; null for all of them
  feature_flags text,
  -- as JSON: the event types that it shows and lets choose; null for all of them
  event_types text,
  -- where the page goes once the session has ended
  refresh_url text,
  -- of the page around it
  origin text,
  usable_until bigint not null,
  expires_at bigint not null,
  created_at bigint not null
);

create index portal_passes_by_tenant on posthorn.portal_passes (tenant, session);
create index portal_passes_by_end on posthorn.portal_passes (usable_until);
-- One action over all jobs, or all events, that match: what it is about, and how far it has come.
create table posthorn.bulk_runs (
  id text collate "C" primary key,
  -- whose jobs alone it is about, and of tenants of which mode
  tenant text,
  mode text check (mode in ('live', 'test')),
  action text not null check (action in ('redeliver', 'rerun', 'run_now', 'cancel', 'replay', 'erase')),
  -- as JSON: what it is about, pinned when it was made
  filter text not null,
  state text not null check (state in ('waiting', 'running', 'paused', 'stopped', 'taking_back', 'taken_back', 'done')),
  -- why it paused by itself
  reason text,
  -- the last job or event that was looked at
  cursor text,
  -- one more with each batch: two that go on with it at once cannot both write one
  step bigint not null,
  -- jobs a second and lane; null for the default
  pace bigint,
  matched bigint not null,
  done bigint not null,
  -- of the jobs that it queued, those that have failed permanently
  failed bigint not null,
  -- as JSON: how many by reason, and the first jobs of lanes whose outcome is not known yet
  skipped text not null,
  watched text,
  -- as JSON: how much there is in all, as counted ahead, and how fast it goes
  course text,
  -- what no other run that has not ended may be about
  alone text,
  -- the job that goes on with it
  driver text not null,
  actor text,
  note text,
  starts_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  ended_at bigint
);
create index bulk_runs_by_tenant on posthorn.bulk_runs (tenant, id) where tenant is not null;

create unique index bulk_runs_alone on posthorn.bulk_runs (alone) where alone is not null;
create index bulk_runs_ended on posthorn.bulk_runs (ended_at) where ended_at is not null;

-- What people have done; nothing changes an entry.
create table posthorn.audit (
  id text collate "C" primary key,
  at bigint not null,
  actor text not null,
  actor_id text,
  role text,
  via text not null check (via in ('api', 'cli', 'console', 'portal', 'library', 'posthorn')),
  ip text,
  action text not null,
  target text collate "C" not null,
  tenant text collate "C",
  -- as JSON, by field: what it was and what it became
  change text not null,
  note text,
  request_id text
);

create index audit_by_tenant on posthorn.audit (tenant, id) where tenant is not null;
create index audit_by_target on posthorn.audit (target, id);

-- How much happened, by minutes and hours: each row is one process's own, which writes it again as a whole.
create table posthorn.stats (
  span text collate "C" not null,
  bucket_at bigint not null,
  process text collate "C" not null,
  task text collate "C" not null,
  accepted bigint not null,
  succeeded bigint not null,
  failed bigint not null,
  cancelled bigint not null,
  retried bigint not null,
  waits text not null,
  attempts text not null,
  primary key (span, bucket_at, process, task)
);

-- How deliveries went, by endpoint and hour, in rows of the same kind; without tenant and endpoint, all that have no row of their own.
create table posthorn.endpoint_stats (
  tenant text collate "C" not null,
  endpoint text collate "C" not null,
  hour bigint not null,
  process text collate "C" not null,
  succeeded bigint not null,
  failed bigint not null,
  retried bigint not null,
  attempts text not null,
  primary key (tenant, endpoint, hour, process)
);

create index endpoint_stats_by_hour on posthorn.endpoint_stats (hour);

-- How large the parts of the database were, hour by hour.
create table posthorn.sizes (
  hour bigint not null,
  part text collate "C" not null,
  bytes bigint not null,
  at bigint not null,
  primary key (hour, part)
);

-- Failed attempts that are alike, counted together a moment after they failed.
create table posthorn.failure_groups (
  fingerprint text collate "C" primary key,
  task text collate "C" not null,
  lane text collate "C" not null,
  tenant text collate "C",
  class text collate "C",
  -- of the last one
  sample text not null,
  sample_job text collate "C" not null,
  first_at bigint not null,
  last_at bigint not null,
  n bigint not null,
  state text collate "C" not null check (state in ('open', 'acknowledged', 'resolved')),
  -- how many there were when its state was set
  seen_n bigint not null,
  note text
);

create index failure_groups_by_last on posthorn.failure_groups (last_at, fingerprint);
create index failure_groups_by_tenant on posthorn.failure_groups (tenant, last_at, fingerprint);

-- How many of them failed in which hour.
create table posthorn.failure_hours (
  fingerprint text collate "C" not null,
  hour bigint not null,
  n bigint not null,
  primary key (fingerprint, hour)
);

create index failure_hours_by_hour on posthorn.failure_hours (hour);

-- What operators have to be told, for about the second until it is an event of theirs; what may happen often is added up by key.
create table posthorn.operational_events (
  key text collate "C" primary key,
  type text collate "C" not null,
  tenant text collate "C",
  endpoint text collate "C",
  -- as JSON: what is told besides
  data text not null,
  -- how many it stands for; null for one that is told by itself
  n bigint,
  at bigint not null,
  due_at bigint not null
);

create index operational_events_due on posthorn.operational_events (due_at);
create index operational_events_by_tenant on posthorn.operational_events (tenant);
`;
