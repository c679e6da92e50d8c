{{
    config(
        materialized='incremental',
        incremental_strategy='append'
    )
}}

-- One row per activity in the project tool. Activities never change, so each day of ingestion is
-- appended once; one that happened last week is in the directory of the day it reached us.
with new_activities as (

    select *
    from {{ ref('silver_project_activities') }}
    {% if is_incremental() %}
    where ingested_on > (select max(ingested_on) from {{ this }})
    {% endif %}

)

select
    activities.activity_id,
    {{ date_key('activities.activity_date') }} as activity_date_key,
    {{ or_unknown('projects.project_id') }} as project_id,
    {{ or_unknown('users.user_id') }} as user_id,
    activities.task_id,
    activities.activity_type,
    cast(coalesce(activities.hours_logged, 0) as decimal(6, 2)) as hours_logged,
    activities.occurred_at,
    activities.activity_date,
    activities.ingested_on,
    activities.days_late
from new_activities as activities
left join {{ ref('dim_projects') }} as projects
    on activities.project_id = projects.project_id
left join {{ ref('dim_users') }} as users
    on activities.user_id = users.user_id
