-- The lines of the orders; a return is a line of its own with a negative quantity.
select
    order_id,
    line_number,
    product_id,
    quantity,
    unit_price,
    discount_rate
from {{ source('raw', 'order_lines') }}
