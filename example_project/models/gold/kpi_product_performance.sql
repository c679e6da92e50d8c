with sales as (

    select
        product_id,
        count(distinct order_id) as orders,
        coalesce(sum(quantity) filter (where not is_return), 0) as units_sold,
        coalesce(-sum(quantity) filter (where is_return), 0) as units_returned,
        sum(net_revenue_eur) as net_revenue_eur,
        sum(margin_eur) as margin_eur
    from {{ ref('fact_order_lines') }}
    where is_revenue
    group by product_id

)

select
    products.product_id,
    products.product_name,
    products.category_name,
    products.department,
    coalesce(sales.orders, 0) as orders,
    coalesce(sales.units_sold, 0) as units_sold,
    coalesce(sales.units_returned, 0) as units_returned,
    cast(coalesce(sales.net_revenue_eur, 0) as decimal(18, 2)) as net_revenue_eur,
    cast(sales.margin_eur as decimal(18, 2)) as margin_eur,
    {{ ratio('sales.units_returned', 'sales.units_sold') }} as return_rate,
    cast(
        rank() over (
            partition by products.category_name
            order by coalesce(sales.net_revenue_eur, 0) desc
        ) as int
    ) as rank_in_category
from {{ ref('dim_products') }} as products
left join sales
    on products.product_id = sales.product_id
