-- works beside releases that know schema 1

-- The names of the tasks that it handles, as JSON: workers share the limits of lanes with those that run them.
alter table posthorn.workers add column tasks text not null default '[]';
