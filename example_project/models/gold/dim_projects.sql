with projects as (

    select
        projects.project_id,
        projects.project_name,
        projects.status,
        owners.full_name as owner_name,
        projects.owner_team,
        projects.member_count,
        projects.started_on,
        projects.due_on,
        projects.budget_eur
    from {{ ref('silver_projects') }} as projects
    left join {{ ref('silver_users') }} as owners
        on projects.owner_user_id = owners.user_id

),

unknown_project as (

    select
        'unknown' as project_id,
        'Unknown project' as project_name,
        'unknown' as status,
        cast(null as varchar) as owner_name,
        'unknown' as owner_team,
        0 as member_count,
        cast(null as date) as started_on,
        cast(null as date) as due_on,
        cast(null as decimal(18, 2)) as budget_eur

)

select * from projects
union all
select * from unknown_project
