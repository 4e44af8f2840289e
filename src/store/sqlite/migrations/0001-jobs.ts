export const JOBS = /* sql */ `
-- A table per state keeps the hot tables small. A job's row is written once and never changed; while it lives, exactly one
-- of ready, scheduled, parked and leases has a row for it, and finished has one after that. Times are milliseconds since the epoch.
-- Tables refer to jobs by the integer seq: 25 µs of processor a job, where the text id as the key took 65.

create table jobs (
  -- in the order of acceptance
  seq integer primary key,
  id text not null,
  task text not null,
  lane text not null,
  priority integer not null,
  options text not null,
  payload text not null,
  max_attempts integer not null,
  created_at integer not null,
  -- what it is tied to (key, group, follow-up, retention), as JSON; null for most
  ties text,
  -- where it comes from; null for most
  tenant text,
  event text,
  bulk text,
  trigger text,
  scheduled_for integer,
  -- as JSON: a list of strings, and what nobody filters by
  tags text,
  meta text
) strict;

create unique index jobs_by_id on jobs (id);
-- what an event has become, and whether anything still refers to it
create index jobs_by_event on jobs (event, lane) where event is not null;
-- what a bulk run made or queued again
create index jobs_by_bulk on jobs (bulk) where bulk is not null;
-- what was not caused by its event or an enqueue
create index jobs_by_trigger on jobs (trigger) where trigger is not null;

-- What happened, once however many jobs deliver it: they have no payload of their own, but refer to it.
create table events (
  id text primary key,
  tenant text not null,
  type text not null,
  -- as JSON: lists of strings, and an object
  channels text,
  tags text,
  headers text,
  content_type text not null,
  -- the caller's own id for it, unique within the tenant by event_keys
  event_id text,
  -- how many it has, or will have once its fan-out is done
  jobs integer not null,
  -- as JSON: which endpoints it was not sent to, and why
  unsent text,
  run_at integer,
  created_at integer not null,
  -- null once it was erased
  payload blob
) strict;

create index events_by_tenant on events (tenant, id);

-- Which jobs a lane has had, and which have a tag: an index on jobs that is kept in bulk, a moment later. Kept with every insert it would touch a
-- page for each lane in every transaction: with 64 lanes, 0.79 of the ceiling's deliveries a second, against 0.94.
create table lane_jobs (
  -- 48 bits of the SHA-256 of the lane, or of the tag
  lane_hash integer not null,
  job integer not null,
  primary key (lane_hash, job)
) strict, without rowid;

create table lane_jobs_progress (
  only integer primary key check (only = 1),
  -- jobs up to this one are in lane_jobs
  upto integer not null
) strict;

insert into lane_jobs_progress (only, upto) values (1, 0);

-- Due now. A claim walks the lanes of (priority, turn) and takes a few jobs from each.
create table ready (
  priority integer not null,
  -- 0: first attempts; 1: later ones. Each has its turn in the walk, so neither starves the other.
  turn integer not null,
  lane text not null,
  due_at integer not null,
  job integer not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at integer,
  primary key (priority, turn, lane, due_at, job)
) strict, without rowid;

create unique index ready_by_job on ready (job);

-- Due later.
create table scheduled (
  run_at integer not null,
  job integer not null,
  priority integer not null,
  lane text not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at integer,
  -- when it was put here: in the future once the clock has been set back
  since integer not null,
  primary key (run_at, job)
) strict, without rowid;

create unique index scheduled_by_job on scheduled (job);
-- of endpoints, whose jobs are cancelled all together when it is deleted
create index scheduled_by_lane on scheduled (lane, job) where lane >= 'app_' and lane < 'app\`';

-- Out of the claim while something holds their lane up; to everyone who looks, they are queued.
create table parked (
  job integer primary key,
  lane text not null,
  -- when it was due, or will be
  run_at integer not null,
  reason text not null,
  -- of one behind the head of an ordered lane
  place integer,
  parked_at integer not null,
  priority integer not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at integer
) strict;

create index parked_held on parked (lane, run_at, job) where place is null;
create unique index parked_behind on parked (lane, place) where place is not null;
-- what has been parked for too long
create index parked_by_time on parked (parked_at);

-- Lanes whose jobs go one at a time, as long as one of them lives: which has its turn, and the last place given behind it.
create table ordered_lanes (
  lane text primary key,
  head integer not null,
  last_place integer not null
) strict, without rowid;

-- Lanes with a rate so low that one worker has it for itself: when their jobs last began, for the one that has it next.
create table lane_begins (
  lane text primary key,
  began_at integer not null
) strict, without rowid;

create index lane_begins_by_time on lane_begins (began_at);

-- Running. attempts counts the one under way.
create table leases (
  job integer primary key,
  token integer not null,
  worker text not null,
  priority integer not null,
  lane text not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at integer not null,
  leased_at integer not null,
  -- whether its worker runs nothing else
  is_alone integer not null default 0,
  -- how far its handler says that it has come
  progress real,
  progress_note text
) strict;

-- The last fencing token set aside by any process.
create table fence (
  only integer primary key check (only = 1),
  token integer not null
) strict;

insert into fence (only, token) values (1, 0);

create table finished (
  job integer primary key,
  status text not null check (status in ('succeeded', 'failed', 'cancelled')),
  -- only of what a person may retry, for the index below
  lane text,
  attempts integer not null,
  started_at integer,
  finished_at integer not null,
  -- when a job with a retention of its own is past it
  expires_at integer,
  result text,
  error text,
  -- the attempt that succeeded, which has no row in attempts: one write less for every job that goes well
  began_at integer,
  duration_ms integer,
  code integer,
  class text,
  excerpt text,
  -- of the attempt that failed it
  fingerprint text
) strict;

-- few, compared with the jobs that went well
create index finished_dead on finished (status) where status in ('failed', 'cancelled');
create index finished_dead_by_lane on finished (status, lane) where status in ('failed', 'cancelled');
-- the failed jobs of a group of failures
create index finished_by_fingerprint on finished (fingerprint) where fingerprint is not null;
create index finished_expiring on finished (expires_at) where expires_at is not null;

-- All attempts but those that succeeded.
create table attempts (
  job integer not null,
  n integer not null,
  outcome text not null check (outcome in ('failed', 'lost', 'cancelled')),
  started_at integer not null,
  duration_ms integer not null,
  error text,
  code integer,
  class text,
  excerpt text,
  fingerprint text,
  -- the error's stack and causes, as JSON
  detail text,
  primary key (job, n)
) strict, without rowid;

-- The attempts of an endpoint by when they began: an index on attempts and finished that is kept in bulk, like lane_jobs.
create table endpoint_attempts (
  -- 48 bits of the SHA-256 of the endpoint's lane
  lane_hash integer not null,
  -- whether it succeeded
  is_success integer not null,
  started_at integer not null,
  job integer not null,
  n integer not null,
  primary key (lane_hash, is_success, started_at, job, n)
) strict, without rowid;

-- Those that are not in it yet: a row for each transaction that ended some.
create table ended_attempts (
  seq integer primary key,
  -- as JSON: for each its job, its number, 1 if it succeeded, and when it began
  attempts text not null,
  count integer not null
) strict;

-- Of the live jobs of a task, which one has a key.
create table live_keys (
  task text not null,
  key text not null,
  job integer not null,
  -- a job to be made when this one has ended, as JSON
  again text,
  primary key (task, key)
) strict, without rowid;

-- Jobs whose common end is waited for. pending counts those that have not ended.
create table groups (
  id text primary key,
  on_settled text not null,
  total integer not null,
  pending integer not null,
  succeeded integer not null,
  failed integer not null,
  cancelled integer not null,
  created_at integer not null,
  settled_at integer
) strict, without rowid;

create index groups_settled on groups (settled_at) where settled_at is not null;

create table schedules (
  name text primary key,
  cron text not null,
  time_zone text not null,
  missed text not null check (missed in ('skip', 'once', 'all')),
  -- what it makes each time, as JSON
  job text not null,
  paused integer not null,
  next_at integer,
  last_at integer
) strict, without rowid;

create table workers (
  id text primary key,
  machine text not null,
  pid integer not null,
  started_at integer not null,
  -- its leases hold until then, unless it renews them
  deadline integer not null,
  concurrency integer not null,
  -- by handlers that outlived their attempts
  slots_held integer not null,
  version text not null,
  -- the names of those that it handles, as JSON: workers share the limits of lanes with those that run them
  tasks text not null
) strict, without rowid;

-- What they tell of themselves every few seconds while they have work, and what they are asked: apart from the rows that every claim looks at.
create table worker_reports (
  worker text primary key,
  reported_at integer not null,
  running integer not null,
  -- since the report before, which was so long ago
  claimed integer not null,
  window_ms integer not null,
  loop_delay_ms integer,
  -- when somebody asked it to take no more jobs
  drain_asked_at integer
) strict, without rowid;

create table idempotency_keys (
  scope text not null,
  key text not null,
  fingerprint text not null,
  -- the id of the job that the key made; null where it made a submission of several, whose answer is kept
  job text,
  answer text,
  expires_at integer not null,
  primary key (scope, key),
  check ((job is null) <> (answer is null))
) strict, without rowid;

create index idempotency_keys_by_expiry on idempotency_keys (expires_at);

create table api_keys (
  id text primary key,
  name text not null,
  role text not null check (role in ('admin', 'manage', 'send', 'read')),
  hash text not null,
  created_at integer not null,
  revoked_at integer,
  -- what it is bound to: the id of a tenant, tenants of a mode
  tenant text,
  mode text check (mode in ('live', 'test')),
  payloads text check (payloads in ('none', 'redacted', 'full')),
  expires_at integer,
  last_used_at integer
) strict, without rowid;

-- Sealed before they come here.
create table secrets (
  name text primary key,
  sealed text not null
) strict, without rowid;
`;
