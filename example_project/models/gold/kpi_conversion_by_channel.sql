with funnel as (

    select
        channel,
        is_paid,
        count(*) as sessions,
        count(*) filter (where is_bounce) as bounces,
        count(*) filter (where product_view_count > 0) as sessions_with_product_view,
        count(*) filter (where add_to_cart_count > 0) as sessions_with_cart,
        count(*) filter (where checkout_count > 0) as sessions_with_checkout,
        count(*) filter (where is_converted) as converted_sessions
    from {{ ref('silver_sessions') }}
    group by channel, is_paid

),

revenue as (

    select
        sessions.channel,
        sum(orders.net_revenue_eur) as net_revenue_eur
    from {{ ref('silver_sessions') }} as sessions
    inner join {{ ref('fact_orders') }} as orders
        on sessions.order_id = orders.order_id
    group by sessions.channel

)

select
    funnel.*,
    {{ ratio('funnel.bounces', 'funnel.sessions') }} as bounce_rate,
    {{ ratio('funnel.sessions_with_cart', 'funnel.sessions') }} as cart_rate,
    {{ ratio('funnel.converted_sessions', 'funnel.sessions') }} as conversion_rate,
    coalesce(revenue.net_revenue_eur, 0) as net_revenue_eur
from funnel
left join revenue
    on funnel.channel = revenue.channel
