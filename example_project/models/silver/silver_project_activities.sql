with events as (

    select * from {{ ref('bronze_project_events') }}

),

-- An event that was sent twice keeps its first day of ingestion, so that a later day never
-- brings a row that the fact table already holds.
first_deliveries as (

    {{ deduplicate('events', unique_key='event_id', order_by='ingested_on') }}

)

select
    event_id as activity_id,
    {{ clean_text('event_type', letter_case='lower') }} as activity_type,
    project_id,
    user_id,
    task_id,
    cast(hours_logged as decimal(6, 2)) as hours_logged,
    occurred_at,
    cast(occurred_at as date) as activity_date,
    ingested_on,
    {{ days_between('occurred_at', 'ingested_on') }} as days_late
from first_deliveries
