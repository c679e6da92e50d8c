-- Rates are published on working days. On the days between, the last one published holds.
with published as (

    select
        currency,
        units_per_euro,
        rate_date as valid_from,
        lead(rate_date) over (partition by currency order by rate_date) as valid_until
    from {{ ref('bronze_exchange_rates') }}

),

foreign_currencies as (

    select
        days.calendar_date as rate_date,
        published.currency,
        published.units_per_euro,
        days.calendar_date <> published.valid_from as is_carried_forward
    from {{ ref('silver_date_spine') }} as days
    inner join published
        on days.calendar_date >= published.valid_from
        and (days.calendar_date < published.valid_until or published.valid_until is null)

),

euro as (

    select
        calendar_date as rate_date,
        'EUR' as currency,
        cast(1 as double) as units_per_euro,
        false as is_carried_forward
    from {{ ref('silver_date_spine') }}

),

all_currencies as (

    select * from foreign_currencies
    union all
    select * from euro

)

select
    rate_date,
    currency,
    units_per_euro,
    -- Exact from here on: amounts are multiplied by this, never divided.
    cast(1 / units_per_euro as decimal(12, 6)) as euros_per_unit,
    is_carried_forward
from all_currencies
