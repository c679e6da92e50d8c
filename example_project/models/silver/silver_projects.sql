with projects as (

    {{ deduplicate(ref('bronze_projects'), unique_key='project_id', order_by='started_on desc') }}

)

select
    project_id,
    {{ clean_text('project_name') }} as project_name,
    {{ clean_text('status', letter_case='lower') }} as status,
    owner['user_id'] as owner_user_id,
    owner['team'] as owner_team,
    cast(array_length(members) as int) as member_count,
    try_cast(started_on as date) as started_on,
    try_cast(due_on as date) as due_on,
    cast(budget_eur as decimal(18, 2)) as budget_eur
from projects
