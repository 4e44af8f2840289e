-- The names of the tasks that it handles, as JSON: workers share the limits of lanes with those that run them.
alter table workers add column tasks text not null default '[]';
