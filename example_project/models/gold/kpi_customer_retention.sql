-- Of those who first bought in a month, how many bought again one, two, three months later.
with purchases as (

    select distinct
        customer_id,
        {{ month_of('order_date') }} as order_month
    from {{ ref('fact_orders') }}
    where is_revenue and customer_id <> 'unknown'

),

with_cohort as (

    select
        *,
        min(order_month) over (partition by customer_id) as cohort_month
    from purchases

),

cohorts as (

    select
        cohort_month,
        (extract(year from order_month) - extract(year from cohort_month)) * 12
            + extract(month from order_month) - extract(month from cohort_month)
            as months_since_first_order,
        count(*) as customers
    from with_cohort
    group by 1, 2

)

select
    cohort_month,
    months_since_first_order,
    customers,
    {{ ratio(
        'customers',
        'max(customers) filter (where months_since_first_order = 0) over (partition by cohort_month)'
    ) }} as retention_rate
from cohorts
