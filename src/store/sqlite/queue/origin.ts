/** The origin of a job `j`, as JSON text. Null for most, which costs a look at a few nulls. */
export const ORIGIN = `
    iif(coalesce(j.tenant, j.event, j.bulk, j.trigger, j.scheduled_for, j.tags, j.meta) is null, null,
      json_patch('{}', json_object(
        'tenant', j.tenant, 'event', j.event, 'bulk', j.bulk, 'trigger', j.trigger,
        'scheduledFor', j.scheduled_for, 'tags', iif(json_valid(j.tags), json(j.tags), null), 'meta', j.meta
      ))) as origin`; // a patch leaves nulls out (RFC 7396)
