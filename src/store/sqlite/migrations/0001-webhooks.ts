export const WEBHOOKS = /* sql */ `
-- Moved by each change of what is registered, so that every process knows when what it remembers is out of date.
create table registry (
  id integer primary key check (id = 1),
  version integer not null
) strict;

insert into registry (id, version) values (1, 0);

-- At which version a scope (a tenant's id, or *types, *keys) changed last.
create table registry_scopes (
  scope text primary key,
  version integer not null
) strict, without rowid;

create unique index registry_scopes_by_version on registry_scopes (version);

create table tenants (
  id text primary key,
  -- the caller's own name for it
  uid text,
  name text not null,
  -- as JSON: an object of strings, and what is limited
  metadata text not null,
  limits text,
  mode text not null check (mode in ('live', 'test')),
  made_by text not null check (made_by in ('api', 'endpoint', 'event')),
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer
) strict;

create unique index tenants_by_uid on tenants (uid) where uid is not null and deleted_at is null;
create index tenants_by_mode on tenants (mode, id) where deleted_at is null;
create index tenants_deleted_by_uid on tenants (uid, deleted_at) where uid is not null and deleted_at is not null;
create index tenants_deleted on tenants (deleted_at) where deleted_at is not null;

create table endpoints (
  id text primary key,
  tenant text not null,
  uid text,
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
  sends_event_type integer not null,
  timeout_ms integer,
  -- as JSON
  retry text,
  limits text,
  verification text,
  status text not null check (status in ('active', 'paused', 'disabled')),
  status_reason text,
  status_actor text,
  status_at integer not null,
  -- one more with each change
  revision integer not null,
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer
) strict;

create unique index endpoints_by_uid on endpoints (tenant, uid) where uid is not null and deleted_at is null;
create index endpoints_by_tenant on endpoints (tenant, id) where deleted_at is null;
create index endpoints_by_status on endpoints (status) where deleted_at is null;
create index endpoints_deleted on endpoints (deleted_at) where deleted_at is not null;
create index endpoints_deleted_by_tenant on endpoints (tenant, id) where deleted_at is not null;

-- What each change of an endpoint changed, without its secrets.
create table endpoint_history (
  endpoint text not null,
  revision integer not null,
  tenant text not null,
  at integer not null,
  actor text,
  reason text,
  -- as JSON: by field, what it was and what it became
  change text not null,
  primary key (endpoint, revision)
) strict, without rowid;

-- Of endpoints that have failed; one without a row is healthy.
create table endpoint_health (
  endpoint text primary key,
  tenant text not null,
  -- one more with each change
  version integer not null,
  breaker text not null check (breaker in ('closed', 'open', 'half_open')),
  failures integer not null,
  failing_since integer,
  opened_at integer,
  probe_at integer,
  probes integer not null,
  last_success_at integer,
  last_failure_at integer,
  last_error text,
  updated_at integer not null
) strict;

create index endpoint_health_by_tenant on endpoint_health (tenant, endpoint);
create index endpoint_health_by_probe on endpoint_health (probe_at) where probe_at is not null;
create index endpoint_health_failing on endpoint_health (endpoint) where failing_since is not null;

create table event_types (
  name text primary key,
  description text not null,
  -- as JSON: a JSON Schema for each version
  schemas text,
  enforce text not null check (enforce in ('off', 'warn', 'refuse')),
  is_archived integer not null,
  is_deprecated integer not null,
  feature_flags text,
  group_name text,
  created_at integer not null,
  updated_at integer not null
) strict;

-- Which event has which id of its caller's; gone when the event is.
create table event_keys (
  tenant text not null,
  event_id text not null,
  event text not null,
  fingerprint text not null,
  created_at integer not null,
  primary key (tenant, event_id)
) strict, without rowid;

-- Events with more endpoints than the transaction that accepted them made jobs for.
create table fanouts (
  event text primary key,
  tenant text not null,
  -- their ids, as JSON
  endpoints text not null,
  -- how many of them have their jobs
  cursor integer not null,
  run_at integer,
  -- of its event
  tags text,
  created_at integer not null
) strict;
create index fanouts_by_tenant on fanouts (tenant);

-- The access tokens of endpoints that ask for one, sealed; shared by all processes, and in no export.
create table access_tokens (
  endpoint text primary key,
  tenant text not null,
  -- names the credentials that it was asked for with
  credentials text not null,
  -- one more with each change
  version integer not null,
  token text,
  obtained_at integer,
  expires_at integer,
  -- until then, one process asks for the next
  claimed_until integer,
  refused_at integer,
  error text,
  error_class text,
  retry_at integer
) strict;

create index access_tokens_by_tenant on access_tokens (tenant);

-- Who may look after a tenant's endpoints in the portal: codes that are good for one exchange, and tokens.
create table portal_passes (
  id text primary key,
  tenant text not null,
  session text not null,
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
  usable_until integer not null,
  expires_at integer not null,
  created_at integer not null
) strict;

create index portal_passes_by_tenant on portal_passes (tenant, session);
create index portal_passes_by_end on portal_passes (usable_until);
-- One action over all jobs, or all events, that match: what it is about, and how far it has come.
create table bulk_runs (
  id text primary key,
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
  step integer not null,
  -- jobs a second and lane; null for the default
  pace integer,
  matched integer not null,
  done integer not null,
  -- of the jobs that it queued, those that have failed permanently
  failed integer not null,
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
  starts_at integer not null,
  created_at integer not null,
  updated_at integer not null,
  ended_at integer
) strict;
create index bulk_runs_by_tenant on bulk_runs (tenant, id) where tenant is not null;

create unique index bulk_runs_alone on bulk_runs (alone) where alone is not null;
create index bulk_runs_ended on bulk_runs (ended_at) where ended_at is not null;

-- What people have done; nothing changes an entry.
create table audit (
  id text primary key,
  at integer not null,
  actor text not null,
  actor_id text,
  role text,
  via text not null check (via in ('api', 'cli', 'console', 'portal', 'library', 'posthorn')),
  ip text,
  action text not null,
  target text not null,
  tenant text,
  -- as JSON, by field: what it was and what it became
  change text not null,
  note text,
  request_id text
) strict;

create index audit_by_tenant on audit (tenant, id) where tenant is not null;
create index audit_by_target on audit (target, id);

-- How much happened, by minutes and hours: each row is one process's own, which writes it again as a whole.
create table stats (
  span text not null,
  bucket_at integer not null,
  process text not null,
  task text not null,
  accepted integer not null,
  succeeded integer not null,
  failed integer not null,
  cancelled integer not null,
  retried integer not null,
  waits text not null,
  attempts text not null,
  primary key (span, bucket_at, process, task)
) strict, without rowid;

-- How deliveries went, by endpoint and hour, in rows of the same kind; without tenant and endpoint, all that have no row of their own.
create table endpoint_stats (
  tenant text not null,
  endpoint text not null,
  hour integer not null,
  process text not null,
  succeeded integer not null,
  failed integer not null,
  retried integer not null,
  attempts text not null,
  primary key (tenant, endpoint, hour, process)
) strict, without rowid;

create index endpoint_stats_by_hour on endpoint_stats (hour);

-- How large the parts of the database were, hour by hour.
create table sizes (
  hour integer not null,
  part text not null,
  bytes integer not null,
  at integer not null,
  primary key (hour, part)
) strict, without rowid;

-- Failed attempts that are alike, counted together a moment after they failed.
create table failure_groups (
  fingerprint text primary key,
  task text not null,
  lane text not null,
  tenant text,
  class text,
  -- of the last one
  sample text not null,
  sample_job text not null,
  first_at integer not null,
  last_at integer not null,
  n integer not null,
  state text not null check (state in ('open', 'acknowledged', 'resolved')),
  -- how many there were when its state was set
  seen_n integer not null,
  note text
) strict;

create index failure_groups_by_last on failure_groups (last_at, fingerprint);
create index failure_groups_by_tenant on failure_groups (tenant, last_at, fingerprint);

-- How many of them failed in which hour.
create table failure_hours (
  fingerprint text not null,
  hour integer not null,
  n integer not null,
  primary key (fingerprint, hour)
) strict, without rowid;

create index failure_hours_by_hour on failure_hours (hour);

-- What operators have to be told, for about the second until it is an event of theirs; what may happen often is added up by key.
create table operational_events (
  key text primary key,
  type text not null,
  tenant text,
  endpoint text,
  -- as JSON: what is told besides
  data text not null,
  -- how many it stands for; null for one that is told by itself
  n integer,
  at integer not null,
  due_at integer not null
) strict;

create index operational_events_due on operational_events (due_at);
create index operational_events_by_tenant on operational_events (tenant);
`;
