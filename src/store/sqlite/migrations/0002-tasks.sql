-- What a job is tied to (key, group, follow-up, retention), as JSON; null for most.
alter table jobs add column ties text;

-- How far a running job has come, by its handler's own word.
alter table leases add column progress real;
alter table leases add column progress_note text;

-- Only of jobs with a retention of their own.
alter table finished add column expires_at integer;
create index finished_expiring on finished (expires_at) where expires_at is not null;

-- Of the live jobs of a task, which one has a key.
create table live_keys (
  task text not null,
  key text not null,
  job integer not null,
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

alter table workers add column concurrency integer not null default 0;
alter table workers add column version text not null default '';
