select
    user_id,
    full_name,
    email,
    team,
    role as user_role,
    joined_on
from {{ source('raw', 'users') }}
