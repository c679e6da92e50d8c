with events as (

    -- Without a visitor there is nobody to give the session to.
    select *
    from {{ ref('silver_page_events') }}
    where visitor_id is not null

),

with_previous as (

    select
        *,
        lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id)
            as previous_occurred_at
    from events

),

with_session_start as (

    select
        *,
        case
            when previous_occurred_at is null then 1
            when occurred_at > previous_occurred_at
                + interval '{{ var("session_timeout_minutes") }} minutes' then 1
            else 0
        end as starts_session
    from with_previous

),

numbered as (

    select
        *,
        sum(starts_session) over (
            partition by visitor_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from with_session_start

),

sessions as (

    select
        visitor_id,
        session_number,
        -- A session belongs to the customer as soon as one of its events does.
        max(customer_id) as customer_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        -- The campaign is written on the page the session started on.
        max(utm_source) filter (where starts_session = 1) as utm_source,
        max(utm_medium) filter (where starts_session = 1) as utm_medium,
        max(page_path) filter (where starts_session = 1) as landing_page,
        max(device) filter (where starts_session = 1) as device,
        count(*) as event_count,
        {{ pivot(
            'event_type',
            ['page_view', 'product_view', 'add_to_cart', 'checkout', 'purchase'],
            suffix='_count'
        ) }},
        max(order_id) as order_id
    from numbered
    group by visitor_id, session_number

)

select
    {{ surrogate_key(['sessions.visitor_id', 'sessions.session_number']) }} as session_id,
    sessions.visitor_id,
    sessions.session_number,
    sessions.customer_id,
    sessions.started_at,
    cast(sessions.started_at as date) as session_date,
    sessions.ended_at,
    {{ seconds_between('sessions.started_at', 'sessions.ended_at') }} as duration_seconds,
    case
        when sessions.utm_source is null then 'direct'
        else coalesce(channels.channel, 'other')
    end as channel,
    coalesce(channels.is_paid, false) as is_paid,
    sessions.landing_page,
    sessions.device,
    sessions.event_count,
    sessions.page_view_count,
    sessions.product_view_count,
    sessions.add_to_cart_count,
    sessions.checkout_count,
    sessions.purchase_count,
    sessions.order_id,
    sessions.event_count = 1 as is_bounce,
    sessions.purchase_count > 0 as is_converted
from sessions
left join {{ ref('channels') }} as channels
    on sessions.utm_source = channels.utm_source
    and sessions.utm_medium = channels.utm_medium
