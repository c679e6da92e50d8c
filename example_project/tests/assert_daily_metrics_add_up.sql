{{ config(tags=['finance']) }}

-- No join of the daily aggregate may lose or multiply what the facts hold.
with daily as (

    select
        sum(orders) as orders,
        sum(net_revenue_eur) as net_revenue_eur,
        sum(sessions) as sessions,
        sum(activities) as activities
    from {{ ref('agg_daily_metrics') }}

),

facts as (

    select
        (select count(*) from {{ ref('fact_orders') }}) as orders,
        (select sum(net_revenue_eur) from {{ ref('fact_orders') }}) as net_revenue_eur,
        (select count(*) from {{ ref('silver_sessions') }}) as sessions,
        (select count(*) from {{ ref('fact_activities') }}) as activities

)

select
    daily.*,
    facts.orders as fact_orders,
    facts.net_revenue_eur as fact_net_revenue_eur,
    facts.sessions as fact_sessions,
    facts.activities as fact_activities
from daily
cross join facts
where
    daily.orders <> facts.orders
    or daily.net_revenue_eur <> facts.net_revenue_eur
    or daily.sessions <> facts.sessions
    or daily.activities <> facts.activities
