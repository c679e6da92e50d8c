with products as (

    select
        products.product_id,
        products.product_name,
        products.category_code,
        products.category_name,
        products.department,
        products.list_price_eur,
        products.vat_rate,
        costs.unit_cost_eur,
        {{ ratio('products.list_price_eur - costs.unit_cost_eur', 'products.list_price_eur') }}
            as list_margin_rate,
        products.weight_kg,
        products.is_active,
        products.launched_on
    from {{ ref('silver_products') }} as products
    left join {{ ref('silver_product_costs') }} as costs
        on products.product_id = costs.product_id

),

-- Order lines whose product is not in the catalogue.
unknown_product as (

    select
        'unknown' as product_id,
        'Unknown product' as product_name,
        cast(null as varchar) as category_code,
        'Uncategorised' as category_name,
        'Uncategorised' as department,
        cast(null as decimal(18, 2)) as list_price_eur,
        cast({{ var('default_vat_rate') }} as decimal(5, 4)) as vat_rate,
        cast(null as decimal(18, 2)) as unit_cost_eur,
        cast(null as double) as list_margin_rate,
        cast(null as decimal(10, 3)) as weight_kg,
        false as is_active,
        cast(null as date) as launched_on

)

select * from products
union all
select * from unknown_product
