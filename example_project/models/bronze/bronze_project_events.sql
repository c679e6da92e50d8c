-- One directory a day; the directory says when the event reached us, the event when it happened.
select
    event_id,
    event_type,
    project_id,
    user_id,
    task_id,
    hours_logged,
    occurred_at,
    make_date(year, month, day) as ingested_on
from {{ source('raw', 'project_events') }}
