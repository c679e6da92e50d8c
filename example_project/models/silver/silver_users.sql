select
    user_id,
    {{ clean_text('full_name') }} as full_name,
    {{ clean_text('email', letter_case='lower') }} as email,
    {{ clean_text('team', letter_case='lower') }} as team,
    {{ clean_text('user_role', letter_case='lower') }} as user_role,
    joined_on
from {{ ref('bronze_users') }}
