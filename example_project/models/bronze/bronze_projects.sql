-- Nested as it comes: `owner` is a struct, `members` a list of user ids.
select
    project_id,
    name as project_name,
    status,
    owner,
    members,
    started_on,
    due_on,
    budget_eur
from {{ source('raw', 'projects') }}
