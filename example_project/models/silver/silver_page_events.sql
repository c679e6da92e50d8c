with received as (

    select
        *,
        {{ parse_timestamp('occurred_at') }} as event_time,
        {{ parse_timestamp('received_at') }} as received_time
    from {{ ref('bronze_page_events') }}

),

-- The collector retries: the same event may arrive twice.
first_deliveries as (

    {{ deduplicate('received', unique_key='event_id', order_by='received_time') }}

)

select
    event_id,
    visitor_id,
    customer_id,
    {{ clean_text('event_type', letter_case='lower') }} as event_type,
    split_part(page, '?', 1) as page_path,
    {{ url_parameter('page', 'utm_source') }} as utm_source,
    {{ url_parameter('page', 'utm_medium') }} as utm_medium,
    order_id,
    device,
    event_time as occurred_at,
    received_time as received_at,
    {{ days_between('event_time', 'received_time') }} > 0 as is_late_arrival
from first_deliveries
-- A device whose clock is broken tells us nothing about when it acted.
where event_time is not null
