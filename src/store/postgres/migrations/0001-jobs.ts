export const JOBS = /* sql */ `
-- A table per state keeps the hot tables small. A job's row is written once and never changed; while it lives, exactly one
-- of ready, scheduled, parked and leases has a row for it, and finished has one after that. Times are milliseconds since the epoch, by
-- the database's clock. Job ids are the UUIDv7 behind the text that the API shows, so they rise with time.
-- jobs, their tags, finished and attempts grow for as long as retention lasts: their partitions are days, by the ids themselves, so that each
-- key stays what it is. They are always cut at the same days (see partitioning.ts), and hold every id there can be.

create table posthorn.jobs (
  id uuid primary key,
  task text not null,
  lane text collate "C" not null,
  priority integer not null,
  max_attempts integer not null,
  created_at bigint not null,
  options text not null,
  payload text not null,
  -- what it is tied to (key, group, follow-up, retention), as JSON; null for most
  ties text,
  -- where it comes from; null for most
  tenant text collate "C",
  event uuid,
  bulk text collate "C",
  trigger text,
  scheduled_for bigint,
  -- as JSON: a list of strings, and what nobody filters by
  tags text,
  meta text
) partition by range (id);

-- 8 bytes in place of a lane's name; lanes that share them are told apart by the job's own row
create index jobs_by_lane on posthorn.jobs (hashtextextended(lane, 0), id);

-- what an event has become, and whether anything still refers to it
create index jobs_by_event on posthorn.jobs (event, lane) where event is not null;
-- what a bulk run made or queued again
create index jobs_by_bulk on posthorn.jobs (bulk, id) where bulk is not null;
-- what was not caused by its event or an enqueue
create index jobs_by_trigger on posthorn.jobs (trigger, id) where trigger is not null;

-- What jobs can be found by: a row for each of a job's tags.
create table posthorn.job_tags (
  job uuid not null,
  tag text collate "C" not null,
  primary key (job, tag)
) partition by range (job);

create index job_tags_by_tag on posthorn.job_tags (tag, job);

-- What happened, once however many jobs deliver it: they have no payload of their own, but refer to it.
create table posthorn.events (
  id uuid primary key,
  tenant text collate "C" not null,
  type text collate "C" not null,
  -- as JSON: lists of strings, and an object
  channels text,
  tags text,
  headers text,
  content_type text not null,
  -- the caller's own id for it, unique within the tenant by event_keys
  event_id text collate "C",
  -- how many it has, or will have once its fan-out is done
  jobs integer not null,
  -- as JSON: which endpoints it was not sent to, and why
  unsent text,
  run_at bigint,
  created_at bigint not null,
  -- null once it was erased
  payload bytea
);

create index events_by_tenant on posthorn.events (tenant, id);

-- Due now. A claim walks the lanes of (priority, turn) and takes a few jobs from each.
create table posthorn.ready (
  priority integer not null,
  -- 0: first attempts; 1: later ones. Each has its turn in the walk, so neither starves the other.
  turn smallint not null,
  lane text collate "C" not null,
  due_at bigint not null,
  job uuid not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at bigint,
  primary key (priority, turn, lane, due_at, job)
);

create unique index ready_by_job on posthorn.ready (job);

-- Due later.
create table posthorn.scheduled (
  run_at bigint not null,
  job uuid not null,
  priority integer not null,
  lane text collate "C" not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at bigint,
  primary key (run_at, job)
);

create unique index scheduled_by_job on posthorn.scheduled (job);
-- of endpoints, whose jobs are cancelled all together when it is deleted
create index scheduled_by_lane on posthorn.scheduled (lane, job) where lane >= 'app_' and lane < 'app\`';

-- Out of the claim while something holds their lane up; to everyone who looks, they are queued.
create table posthorn.parked (
  job uuid primary key,
  lane text collate "C" not null,
  -- when it was due, or will be
  run_at bigint not null,
  reason text not null,
  -- of one behind the head of an ordered lane
  place bigint,
  parked_at bigint not null,
  priority integer not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at bigint
);

create index parked_held on posthorn.parked (lane, run_at, job) where place is null;
create unique index parked_behind on posthorn.parked (lane, place) where place is not null;
-- what has been parked for too long
create index parked_by_time on posthorn.parked (parked_at);

-- Lanes whose jobs go one at a time, as long as one of them lives: which has its turn, and the last place given behind it.
-- Ids of several machines are not in the order of acceptance; these places are.
create table posthorn.ordered_lanes (
  lane text collate "C" primary key,
  head uuid not null,
  last_place bigint not null
);

-- Lanes with a rate so low that one worker has it for itself: when their jobs last began, for the one that has it next.
create table posthorn.lane_begins (
  lane text collate "C" primary key,
  began_at bigint not null
);

create index lane_begins_by_time on posthorn.lane_begins (began_at);

-- Running. attempts counts the one under way.
create table posthorn.leases (
  job uuid primary key,
  token bigint not null,
  worker text not null,
  priority integer not null,
  lane text collate "C" not null,
  attempts integer not null,
  failures integer not null,
  losses integer not null,
  started_at bigint not null,
  leased_at bigint not null,
  -- whether its worker runs nothing else
  is_alone boolean not null default false,
  -- how far its handler says that it has come
  fraction double precision,
  note text
);

create table posthorn.finished (
  job uuid primary key,
  status text not null check (status in ('succeeded', 'failed', 'cancelled')),
  -- only of what a person may retry, for the index below
  lane text collate "C",
  attempts integer not null,
  started_at bigint,
  finished_at bigint not null,
  -- on a later day (UTC) than its id was made on; said of all that is written without asking. Where none of these is young, a
  -- partition of old ids is old as a whole
  ended_late boolean not null default true,
  -- when a job with a retention of its own is past it
  expires_at bigint,
  result text,
  error text,
  -- of one that an endpoint took: where its attempt is found
  lane_hash bigint,
  -- the attempt that succeeded, which has no row in attempts: one write less for every job that goes well
  began_at bigint,
  duration_ms bigint,
  code integer,
  class text,
  excerpt text,
  -- of the attempt that failed it
  fingerprint text collate "C"
) partition by range (job);

-- few, compared with the jobs that went well
create index finished_dead on posthorn.finished (status, job) where status in ('failed', 'cancelled');
create index finished_dead_by_lane on posthorn.finished (status, lane, job) where status in ('failed', 'cancelled');
-- the failed jobs of a group of failures
create index finished_by_fingerprint on posthorn.finished (fingerprint, job) where fingerprint is not null;
create index finished_by_expiry on posthorn.finished (expires_at) where expires_at is not null;
create index finished_late on posthorn.finished (finished_at) where ended_late;
create index finished_by_endpoint on posthorn.finished (lane_hash, began_at, job) where lane_hash is not null;

-- All attempts but those that succeeded.
create table posthorn.attempts (
  job uuid not null,
  n integer not null,
  -- of an endpoint's job
  lane_hash bigint,
  outcome text not null check (outcome in ('failed', 'lost', 'cancelled')),
  started_at bigint not null,
  duration_ms bigint not null,
  error text,
  code integer,
  class text,
  excerpt text,
  fingerprint text,
  -- the error's stack and causes, as JSON
  detail text,
  primary key (job, n)
) partition by range (job);

create index attempts_by_endpoint on posthorn.attempts (lane_hash, started_at, job) where lane_hash is not null;

create table posthorn.jobs_future partition of posthorn.jobs for values from (minvalue) to (maxvalue);
create table posthorn.job_tags_future partition of posthorn.job_tags for values from (minvalue) to (maxvalue);
create table posthorn.finished_future partition of posthorn.finished for values from (minvalue) to (maxvalue);
create table posthorn.attempts_future partition of posthorn.attempts for values from (minvalue) to (maxvalue);

-- Of the live jobs of a task, at most one has a key.
create table posthorn.live_keys (
  task text collate "C" not null,
  key text collate "C" not null,
  job uuid not null,
  -- a job to be made when this one has ended, as JSON
  again text,
  primary key (task, key)
);

-- Jobs whose common end is waited for. pending counts those that have not ended.
create table posthorn.groups (
  id text collate "C" primary key,
  -- as JSON: the job to queue when all have ended
  on_settled text not null,
  total integer not null,
  pending integer not null,
  succeeded integer not null,
  failed integer not null,
  cancelled integer not null,
  created_at bigint not null,
  settled_at bigint
);

create index groups_by_end on posthorn.groups (settled_at) where settled_at is not null;

create table posthorn.schedules (
  name text collate "C" primary key,
  cron text not null,
  time_zone text not null,
  missed text not null check (missed in ('skip', 'once', 'all')),
  -- as JSON
  job text not null,
  next_at bigint,
  paused boolean not null,
  last_at bigint
);

create table posthorn.workers (
  id text collate "C" primary key,
  machine text not null,
  pid integer not null,
  started_at bigint not null,
  -- its leases hold until then, unless it renews them
  deadline bigint not null,
  concurrency integer not null,
  -- by handlers that outlived their attempts
  slots_held integer not null,
  version text not null,
  -- the names of those that it handles, as JSON: workers share the limits of lanes with those that run them
  tasks text not null
);

-- What they tell of themselves every few seconds, and what they are asked: apart from the rows that every claim looks at.
create table posthorn.worker_reports (
  worker text collate "C" primary key,
  reported_at bigint not null,
  running integer not null,
  -- since the report before, which was so long ago
  claimed integer not null,
  window_ms integer not null,
  loop_delay_ms integer,
  -- when somebody asked it to take no more jobs
  drain_asked_at bigint
);

create table posthorn.idempotency_keys (
  scope text collate "C" not null,
  key text collate "C" not null,
  fingerprint text not null,
  -- the job that the key made; null where it made a submission of several, whose answer is kept
  job uuid,
  answer text,
  expires_at bigint not null,
  primary key (scope, key)
);

create index idempotency_keys_by_expiry on posthorn.idempotency_keys (expires_at);

create table posthorn.api_keys (
  id text collate "C" primary key,
  name text not null,
  role text not null check (role in ('admin', 'manage', 'send', 'read')),
  hash text not null,
  created_at bigint not null,
  revoked_at bigint,
  -- what it is bound to: the id of a tenant, tenants of a mode
  tenant text,
  mode text check (mode in ('live', 'test')),
  payloads text check (payloads in ('none', 'redacted', 'full')),
  expires_at bigint,
  last_used_at bigint
);

-- Sealed before they come here.
create table posthorn.secrets (
  name text collate "C" primary key,
  sealed text not null
);

-- Fencing tokens. A process sets as many aside at once; what is unused when it ends leaves a gap.
create sequence posthorn.tokens increment by 100000;

-- Drawn from after every write that others may want to know of: a process that finds it moved looks.
create sequence posthorn.writes;
select setval('posthorn.writes', 1);

-- When somebody last told the others of work, in milliseconds since the epoch: a sequence, because it is seen at once and leaves no dead rows.
create sequence posthorn.notices;

-- What comes and goes within seconds is vacuumed by how much of it went, not by what share of an almost empty table that is;
-- the planner needs no statistics of it (see connection.ts), and no vacuum should sleep while a queue grows.
alter table posthorn.ready set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
alter table posthorn.scheduled set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
alter table posthorn.leases set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
alter table posthorn.parked set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
-- Pruning takes the oldest rows batch by batch, forever: their room is wanted back long before a fifth of the table has gone.
alter table posthorn.idempotency_keys set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000);
alter table posthorn.events set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000);
`;
