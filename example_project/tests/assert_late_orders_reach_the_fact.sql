-- An order that reached us after its month was closed counts like any other.
select late_orders.order_id
from {{ ref('silver_orders') }} as late_orders
left join {{ ref('fact_orders') }} as fact_orders
    on late_orders.order_id = fact_orders.order_id
where
    late_orders.is_late_arrival
    and fact_orders.order_id is null
