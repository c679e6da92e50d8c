with activity as (

    select
        project_id,
        {{ pivot(
            'activity_type',
            ['task_created', 'task_completed', 'comment_added'],
            suffix='_count'
        ) }},
        sum(hours_logged) as hours_logged,
        count(distinct user_id) filter (where user_id <> 'unknown') as active_users,
        max(activity_date) as last_activity_on
    from {{ ref('fact_activities') }}
    group by project_id

)

select
    projects.project_id,
    projects.project_name,
    projects.status,
    projects.owner_team,
    coalesce(activity.task_created_count, 0) as tasks_created,
    coalesce(activity.task_completed_count, 0) as tasks_completed,
    coalesce(activity.comment_added_count, 0) as comments,
    cast(coalesce(activity.hours_logged, 0) as decimal(18, 2)) as hours_logged,
    coalesce(activity.active_users, 0) as active_users,
    activity.last_activity_on,
    {{ ratio('activity.task_completed_count', 'activity.task_created_count') }} as completion_rate,
    -- A project without a due date is never late.
    coalesce(
        projects.status = 'active' and projects.due_on < {{ date_var('as_of_date') }},
        false
    ) as is_overdue
from {{ ref('dim_projects') }} as projects
left join activity
    on projects.project_id = activity.project_id
where projects.project_id <> 'unknown'
