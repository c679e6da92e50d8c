-- Pairs of products that share a basket, and how much more often than chance would have it.
with baskets as (

    select distinct
        order_id,
        product_id
    from {{ ref('fact_order_lines') }}
    where not is_return and product_id <> 'unknown'

),

product_counts as (

    select
        product_id,
        count(*) as orders
    from baskets
    group by product_id

),

pair_counts as (

    select
        first_items.product_id as first_product_id,
        second_items.product_id as second_product_id,
        count(*) as orders_together
    from baskets as first_items
    inner join baskets as second_items
        on first_items.order_id = second_items.order_id
        and first_items.product_id < second_items.product_id
    group by first_items.product_id, second_items.product_id

)

select
    first_products.product_name as first_product,
    second_products.product_name as second_product,
    pair_counts.orders_together,
    {{ ratio(
        'pair_counts.orders_together * (select count(distinct order_id) from baskets)',
        'first_counts.orders * second_counts.orders',
        digits=2
    ) }} as lift
from pair_counts
inner join product_counts as first_counts
    on pair_counts.first_product_id = first_counts.product_id
inner join product_counts as second_counts
    on pair_counts.second_product_id = second_counts.product_id
inner join {{ ref('dim_products') }} as first_products
    on pair_counts.first_product_id = first_products.product_id
inner join {{ ref('dim_products') }} as second_products
    on pair_counts.second_product_id = second_products.product_id
where pair_counts.orders_together >= 3
order by lift desc, orders_together desc, first_product, second_product
