with raw_lines as (

    select distinct * from {{ ref('bronze_order_lines') }}

),

-- Lines of rejected orders stay behind with them: without a day there is no exchange rate.
lines_of_valid_orders as (

    select
        order_lines.*,
        orders.order_date,
        orders.currency
    from raw_lines as order_lines
    inner join {{ ref('silver_orders') }} as orders
        on order_lines.order_id = orders.order_id

),

priced as (

    select
        order_lines.*,
        products.product_id is not null as is_known_product,
        cast(coalesce(try_cast(order_lines.discount_rate as decimal(5, 4)), 0) as decimal(5, 4))
            as applied_discount_rate,
        coalesce(products.vat_rate, cast({{ var('default_vat_rate') }} as decimal(5, 4))) as vat_rate,
        rates.euros_per_unit
    from lines_of_valid_orders as order_lines
    left join {{ ref('silver_products') }} as products
        on order_lines.product_id = products.product_id
    left join {{ ref('silver_exchange_rates') }} as rates
        on order_lines.currency = rates.currency
        and order_lines.order_date = rates.rate_date

),

with_net_amount as (

    select
        *,
        {{ to_cents('quantity * unit_price * (1 - applied_discount_rate) * euros_per_unit') }}
            as net_amount_eur
    from priced

)

select
    {{ surrogate_key(['order_id', 'line_number']) }} as order_line_id,
    order_id,
    line_number,
    order_date,
    product_id,
    is_known_product,
    quantity,
    quantity < 0 as is_return,
    currency,
    unit_price,
    applied_discount_rate as discount_rate,
    net_amount_eur,
    vat_rate,
    {{ to_cents('net_amount_eur * vat_rate') }} as vat_amount_eur
from with_net_amount
