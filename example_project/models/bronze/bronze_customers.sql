-- The CRM's monthly exports, row for row: a customer appears once for each export that
-- carried a change.
select
    customer_id,
    first_name,
    last_name,
    email,
    phone,
    city,
    country,
    signup_date,
    acquisition_source,
    marketing_consent,
    exported_at
from {{ source('raw', 'customers') }}
