{% set statuses = ['paid', 'shipped', 'delivered', 'returned', 'cancelled'] %}

select
    {{ month_of('order_date') }} as order_month,
    sales_channel,
    count(*) as orders,
    {{ pivot('status', statuses, suffix='_orders') }},
    {{ ratio("count(*) filter (where status = 'returned')", 'count(*)') }} as return_rate
from {{ ref('fact_orders') }}
group by {{ month_of('order_date') }}, sales_channel
