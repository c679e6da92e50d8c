-- The stock at the end of each day on which something moved.
with daily_movements as (

    select
        product_id,
        warehouse_code,
        movement_date,
        sum(quantity) as net_quantity,
        {{ pivot(
            'movement_type',
            ['receipt', 'sale', 'return', 'adjustment'],
            agg='sum',
            then='quantity',
            suffix='_quantity'
        ) }}
    from {{ ref('silver_stock_movements') }}
    group by product_id, warehouse_code, movement_date

)

select
    product_id,
    warehouse_code,
    movement_date as stock_date,
    receipt_quantity,
    sale_quantity,
    return_quantity,
    adjustment_quantity,
    net_quantity,
    sum(net_quantity) over (
        partition by product_id, warehouse_code
        order by movement_date
        rows between unbounded preceding and current row
    ) as closing_quantity,
    row_number() over (
        partition by product_id, warehouse_code
        order by movement_date desc
    ) = 1 as is_latest
from daily_movements
