with catalogue as (

    select distinct * from {{ ref('bronze_products') }}

),

parsed as (

    select
        product_id,
        {{ clean_text('product_name') }} as product_name,
        {{ clean_text('category_code', letter_case='upper') }} as category_code,
        {{ parse_french_decimal('unit_price') }} as list_price_eur,
        {{ parse_french_decimal('vat_rate_percent', precision=5) }} as vat_rate_percent,
        {{ parse_french_decimal('weight_kg', precision=10, scale=3) }} as weight_kg,
        coalesce({{ parse_boolean('is_active') }}, false) as is_active,
        {{ parse_french_date('launched_on') }} as launched_on
    from catalogue

)

select
    products.product_id,
    products.product_name,
    products.category_code,
    coalesce(categories.category_name, 'Uncategorised') as category_name,
    coalesce(categories.department, 'Uncategorised') as department,
    products.list_price_eur,
    cast(products.vat_rate_percent / 100 as decimal(5, 4)) as vat_rate,
    products.weight_kg,
    products.is_active,
    products.launched_on
from parsed as products
left join {{ ref('product_categories') }} as categories
    on products.category_code = categories.category_code
