with users as (

    select
        user_id,
        full_name,
        team,
        user_role,
        joined_on
    from {{ ref('silver_users') }}

),

unknown_user as (

    select
        'unknown' as user_id,
        'Unknown user' as full_name,
        'unknown' as team,
        'unknown' as user_role,
        cast(null as date) as joined_on

)

select * from users
union all
select * from unknown_user
