-- How many days the stock of each place lasts at the pace of the last weeks, and whether that is
-- less than the place wants in reserve.
with current_stock as (

    select
        product_id,
        warehouse_code,
        closing_quantity as quantity_on_hand,
        stock_date as last_movement_on
    from {{ ref('silver_stock_levels') }}
    where is_latest

),

recent_sales as (

    select
        product_id,
        warehouse_code,
        -sum(sale_quantity) as units_sold
    from {{ ref('silver_stock_levels') }}
    where stock_date > {{ date_var('as_of_date') }} - interval '{{ var("stock_lookback_days") }} days'
    group by product_id, warehouse_code

),

coverage as (

    select
        stock.product_id,
        stock.warehouse_code,
        stock.quantity_on_hand,
        stock.last_movement_on,
        coalesce(sales.units_sold, 0) as units_sold_recently,
        {{ ratio(
            'stock.quantity_on_hand * ' ~ var('stock_lookback_days'),
            'sales.units_sold',
            digits=1
        ) }} as days_of_cover
    from current_stock as stock
    left join recent_sales as sales
        on stock.product_id = sales.product_id
        and stock.warehouse_code = sales.warehouse_code

)

select
    coverage.product_id,
    products.product_name,
    products.category_name,
    coverage.warehouse_code,
    warehouses.warehouse_name,
    coverage.quantity_on_hand,
    coverage.units_sold_recently,
    coverage.days_of_cover,
    warehouses.safety_days,
    coverage.last_movement_on,
    case
        when coverage.quantity_on_hand < 0 then 'oversold'
        when coverage.quantity_on_hand = 0 then 'out_of_stock'
        when coverage.days_of_cover < warehouses.safety_days then 'low'
        else 'ok'
    end as stock_status
from coverage
inner join {{ ref('dim_products') }} as products
    on coverage.product_id = products.product_id
inner join {{ ref('warehouses') }} as warehouses
    on coverage.warehouse_code = warehouses.warehouse_code
