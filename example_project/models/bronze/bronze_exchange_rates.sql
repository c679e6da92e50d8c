select
    rate_date,
    currency,
    units_per_euro
from {{ source('raw', 'exchange_rates') }}
