-- One row per day of the calendar, also for the days on which nothing happened.
with orders as (

    select
        order_date as metric_date,
        count(*) as orders,
        count(*) filter (where status = 'cancelled') as cancelled_orders,
        sum(net_revenue_eur) as net_revenue_eur,
        sum(units_sold) as units_sold,
        sum(units_returned) as units_returned
    from {{ ref('fact_orders') }}
    group by order_date

),

margins as (

    select
        order_date as metric_date,
        sum(margin_eur) as margin_eur
    from {{ ref('fact_order_lines') }}
    group by order_date

),

sessions as (

    select
        session_date as metric_date,
        count(*) as sessions,
        count(*) filter (where is_converted) as converted_sessions
    from {{ ref('silver_sessions') }}
    group by session_date

),

api_requests as (

    select
        log_date as metric_date,
        count(*) as api_requests,
        count(*) filter (where is_server_error) as api_errors
    from {{ ref('silver_api_logs') }}
    group by log_date

),

activities as (

    select
        activity_date as metric_date,
        count(*) as activities,
        sum(hours_logged) as hours_logged
    from {{ ref('fact_activities') }}
    group by activity_date

),

daily as (

    select
        dates.date_key,
        dates.calendar_date as metric_date,
        dates.is_weekend,
        coalesce(orders.orders, 0) as orders,
        coalesce(orders.cancelled_orders, 0) as cancelled_orders,
        cast(coalesce(orders.net_revenue_eur, 0) as decimal(18, 2)) as net_revenue_eur,
        cast(coalesce(margins.margin_eur, 0) as decimal(18, 2)) as margin_eur,
        coalesce(orders.units_sold, 0) as units_sold,
        coalesce(orders.units_returned, 0) as units_returned,
        coalesce(sessions.sessions, 0) as sessions,
        coalesce(sessions.converted_sessions, 0) as converted_sessions,
        coalesce(api_requests.api_requests, 0) as api_requests,
        coalesce(api_requests.api_errors, 0) as api_errors,
        coalesce(activities.activities, 0) as activities,
        cast(coalesce(activities.hours_logged, 0) as decimal(18, 2)) as hours_logged
    from {{ ref('dim_dates') }} as dates
    left join orders
        on dates.calendar_date = orders.metric_date
    left join margins
        on dates.calendar_date = margins.metric_date
    left join sessions
        on dates.calendar_date = sessions.metric_date
    left join api_requests
        on dates.calendar_date = api_requests.metric_date
    left join activities
        on dates.calendar_date = activities.metric_date

)

select
    *,
    {{ ratio('converted_sessions', 'sessions') }} as conversion_rate,
    {{ ratio('api_errors', 'api_requests') }} as api_error_rate,
    -- Weekends sell more; the mean of a whole week shows the trend.
    cast(
        avg(net_revenue_eur) over (order by metric_date rows between 6 preceding and current row)
        as decimal(18, 2)
    ) as net_revenue_eur_7d_mean
from daily
