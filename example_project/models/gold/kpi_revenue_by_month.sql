with revenue as (

    select
        {{ month_of('order_date') }} as revenue_month,
        count(*) filter (where is_revenue) as orders,
        sum(net_revenue_eur) as net_revenue_eur,
        {{ pivot(
            'sales_channel',
            var('sales_channels'),
            agg='sum',
            then='net_revenue_eur',
            suffix='_revenue_eur'
        ) }}
    from {{ ref('fact_orders') }}
    group by {{ month_of('order_date') }}

),

margins as (

    select
        {{ month_of('order_date') }} as revenue_month,
        sum(margin_eur) as margin_eur
    from {{ ref('fact_order_lines') }}
    group by {{ month_of('order_date') }}

)

select
    revenue.*,
    margins.margin_eur,
    {{ to_cents('revenue.net_revenue_eur / revenue.orders') }} as average_basket_eur,
    {{ ratio('margins.margin_eur', 'revenue.net_revenue_eur') }} as margin_rate,
    {{ ratio(
        'revenue.net_revenue_eur - lag(revenue.net_revenue_eur) over (order by revenue.revenue_month)',
        'lag(revenue.net_revenue_eur) over (order by revenue.revenue_month)'
    ) }} as growth_rate
from revenue
left join margins
    on revenue.revenue_month = margins.revenue_month
