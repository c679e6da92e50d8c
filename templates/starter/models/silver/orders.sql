-- The export repeats lines; an order counts once.
select distinct
    order_id,
    customer_id,
    try_cast(ordered_on as date) as ordered_on,
    coalesce(try_cast(amount as decimal(18, 2)), 0) as amount
from {{ ref('bronze_orders') }}
