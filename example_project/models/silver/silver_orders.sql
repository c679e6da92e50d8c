select
    order_id,
    customer_id,
    customer_id is null as is_guest,
    ordered_at,
    cast(ordered_at as date) as order_date,
    sales_channel,
    status,
    currency,
    shipping_fee,
    payment_method,
    first_exported_at,
    exported_at,
    -- A month's export is due on the first of the next month. A till that was offline is later.
    {{ month_of('first_exported_at') }}
        > {{ month_of('ordered_at') }} + interval '1 month' as is_late_arrival
from {{ ref('silver_orders_typed') }}
where ordered_at is not null
