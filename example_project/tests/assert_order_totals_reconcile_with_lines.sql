{{ config(tags=['finance']) }}

-- The incremental fact and the lines it sums up agree to the cent.
with order_totals as (

    select
        order_id,
        net_revenue_eur
    from {{ ref('fact_orders') }}

),

line_totals as (

    select
        order_id,
        sum(net_revenue_eur) as net_revenue_eur
    from {{ ref('fact_order_lines') }}
    group by order_id

)

select
    coalesce(order_totals.order_id, line_totals.order_id) as order_id,
    order_totals.net_revenue_eur as order_revenue_eur,
    line_totals.net_revenue_eur as line_revenue_eur
from order_totals
full outer join line_totals
    on order_totals.order_id = line_totals.order_id
where order_totals.net_revenue_eur is distinct from line_totals.net_revenue_eur
