with movements as (

    select distinct * from {{ ref('bronze_stock_movements') }}

)

select
    movement_id,
    product_id,
    {{ clean_text('warehouse_code', letter_case='upper') }} as warehouse_code,
    {{ clean_text('movement_type', letter_case='lower') }} as movement_type,
    quantity,
    {{ cents_to_euros('unit_cost_cents') }} as unit_cost_eur,
    cast(occurred_at as timestamp(6)) as occurred_at,
    cast(occurred_at as date) as movement_date,
    reference
from movements
