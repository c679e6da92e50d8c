-- The last level of a product is the sum of everything that ever moved.
with movement_totals as (

    select
        product_id,
        warehouse_code,
        sum(quantity) as quantity
    from {{ ref('silver_stock_movements') }}
    group by product_id, warehouse_code

)

select
    movement_totals.product_id,
    movement_totals.warehouse_code,
    movement_totals.quantity as moved_quantity,
    alerts.quantity_on_hand
from movement_totals
left join {{ ref('kpi_stock_alerts') }} as alerts
    on movement_totals.product_id = alerts.product_id
    and movement_totals.warehouse_code = alerts.warehouse_code
where movement_totals.quantity is distinct from alerts.quantity_on_hand
