select
    movement_id,
    product_id,
    warehouse as warehouse_code,
    movement_type,
    quantity,
    unit_cost_cents,
    occurred_at,
    reference
from {{ source('raw', 'stock_movements') }}
