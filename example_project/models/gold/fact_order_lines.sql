-- One row per order line, sales and returns. An amount is revenue when the status of the order
-- says so. The margin moves with the average purchase cost, for past orders too: it lives in this
-- table, which is rebuilt each time, and not in `fact_orders`, which only takes in what is new.
select
    order_lines.order_line_id,
    order_lines.order_id,
    order_lines.line_number,
    {{ date_key('order_lines.order_date') }} as order_date_key,
    order_lines.order_date,
    {{ or_unknown('products.product_id') }} as product_id,
    order_lines.quantity,
    order_lines.is_return,
    order_lines.discount_rate,
    order_lines.net_amount_eur,
    order_lines.vat_amount_eur,
    statuses.is_revenue,
    cast(
        case when statuses.is_revenue then order_lines.net_amount_eur else 0 end
        as decimal(18, 2)
    ) as net_revenue_eur,
    cast(
        case
            when statuses.is_revenue
                then order_lines.net_amount_eur - order_lines.quantity * products.unit_cost_eur
            else 0
        end
        as decimal(18, 2)
    ) as margin_eur
from {{ ref('silver_order_lines') }} as order_lines
inner join {{ ref('silver_orders') }} as orders
    on order_lines.order_id = orders.order_id
inner join {{ ref('order_statuses') }} as statuses
    on orders.status = statuses.status
left join {{ ref('dim_products') }} as products
    on order_lines.product_id = products.product_id
