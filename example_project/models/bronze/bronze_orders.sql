-- Order headers: an order appears again in a later export when its status has changed.
select
    order_id,
    customer_id,
    ordered_at,
    sales_channel,
    status,
    currency,
    shipping_fee,
    payment_method,
    exported_at
from {{ source('raw', 'orders') }}
