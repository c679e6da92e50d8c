{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='order_id'
    )
}}

-- One row per order. An order is exported again whenever its status changes, so the new exports
-- are merged over the rows we have. The export time is the watermark, not the order time: that
-- is how an order which arrives two months late still gets in.
with new_orders as (

    select *
    from {{ ref('silver_orders') }}
    {% if is_incremental() %}
    where exported_at > (select max(exported_at) from {{ this }})
    {% endif %}

),

line_totals as (

    select
        order_id,
        count(*) as line_count,
        sum(quantity) filter (where not is_return) as units_sold,
        coalesce(-sum(quantity) filter (where is_return), 0) as units_returned,
        sum(net_amount_eur) as net_amount_eur,
        sum(vat_amount_eur) as vat_amount_eur,
        sum(net_revenue_eur) as net_revenue_eur
    from {{ ref('fact_order_lines') }}
    group by order_id

)

select
    orders.order_id,
    {{ date_key('orders.order_date') }} as order_date_key,
    {{ or_unknown('customers.customer_id') }} as customer_id,
    orders.is_guest,
    orders.ordered_at,
    orders.order_date,
    orders.sales_channel,
    orders.status,
    statuses.is_revenue,
    orders.payment_method,
    orders.currency,
    line_totals.line_count,
    line_totals.units_sold,
    line_totals.units_returned,
    cast(line_totals.net_amount_eur as decimal(18, 2)) as net_amount_eur,
    cast(line_totals.vat_amount_eur as decimal(18, 2)) as vat_amount_eur,
    {{ to_cents('orders.shipping_fee * rates.euros_per_unit') }} as shipping_fee_eur,
    cast(line_totals.net_revenue_eur as decimal(18, 2)) as net_revenue_eur,
    orders.is_late_arrival,
    orders.exported_at
from new_orders as orders
inner join {{ ref('order_statuses') }} as statuses
    on orders.status = statuses.status
inner join {{ ref('silver_exchange_rates') }} as rates
    on orders.currency = rates.currency
    and orders.order_date = rates.rate_date
left join line_totals
    on orders.order_id = line_totals.order_id
left join {{ ref('dim_customers') }} as customers
    on orders.customer_id = customers.customer_id
