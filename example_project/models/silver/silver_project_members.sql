-- One row per project and member, out of the list that the project carries.
with unnested as (

    select
        project_id,
        owner['user_id'] as owner_user_id,
        unnest(members) as user_id
    from {{ ref('bronze_projects') }}

)

select distinct
    project_id,
    user_id,
    user_id = owner_user_id as is_owner
from unnested
