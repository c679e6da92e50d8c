with purchases as (

    -- The unknown member is many people; it has no lifetime.
    select
        customer_id,
        count(*) as orders,
        sum(net_revenue_eur) as net_revenue_eur,
        min(order_date) as first_order_on,
        max(order_date) as last_order_on
    from {{ ref('fact_orders') }}
    where is_revenue and customer_id <> 'unknown'
    group by customer_id

),

margins as (

    select
        orders.customer_id,
        sum(order_lines.margin_eur) as margin_eur
    from {{ ref('fact_order_lines') }} as order_lines
    inner join {{ ref('fact_orders') }} as orders
        on order_lines.order_id = orders.order_id
    group by orders.customer_id

),

measured as (

    select
        *,
        {{ days_between('last_order_on', date_var('as_of_date')) }} as days_since_last_order,
        cast(ntile(4) over (order by net_revenue_eur desc, customer_id) as int) as value_quartile
    from purchases

)

select
    measured.customer_id,
    customers.country_code,
    customers.acquisition_source,
    measured.orders,
    cast(measured.net_revenue_eur as decimal(18, 2)) as net_revenue_eur,
    cast(margins.margin_eur as decimal(18, 2)) as margin_eur,
    {{ to_cents('measured.net_revenue_eur / measured.orders') }} as average_basket_eur,
    measured.first_order_on,
    measured.last_order_on,
    measured.days_since_last_order,
    measured.value_quartile,
    case
        when measured.days_since_last_order > 60 then 'dormant'
        when measured.orders = 1 then 'new'
        when measured.value_quartile = 1 then 'champion'
        else 'active'
    end as segment
from measured
left join margins
    on measured.customer_id = margins.customer_id
inner join {{ ref('dim_customers') }} as customers
    on measured.customer_id = customers.customer_id
