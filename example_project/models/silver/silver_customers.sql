with exports as (

    select * from {{ ref('bronze_customers') }}

),

-- The last export wins; it holds the customer as the CRM knows them today.
latest_exports as (

    {{ deduplicate('exports', unique_key='customer_id', order_by='exported_at desc') }}

),

cleaned as (

    select
        customer_id,
        {{ clean_text('first_name', 'title') }} as first_name,
        {{ clean_text('last_name', 'title') }} as last_name,
        {{ clean_text('email', letter_case='lower') }} as email_given,
        nullif(replace(trim(phone), ' ', ''), '') as phone,
        {{ clean_text('city') }} as city,
        {{ clean_text('country', letter_case='lower') }} as country_alias,
        try_cast(signup_date as date) as signed_up_on,
        {{ clean_text('acquisition_source', letter_case='lower') }} as acquisition_source,
        -- No answer is not a consent.
        coalesce({{ parse_boolean('marketing_consent') }}, false) as has_marketing_consent,
        exported_at
    from latest_exports

),

with_email_status as (

    select
        *,
        case
            when email_given is null then 'missing'
            when {{ is_email('email_given') }} then 'valid'
            else 'invalid'
        end as email_status
    from cleaned

)

select
    customers.customer_id,
    customers.first_name,
    customers.last_name,
    -- Nobody downstream may write to an address that is none.
    case when customers.email_status = 'valid' then customers.email_given end as email,
    customers.email_status,
    customers.phone,
    customers.city,
    countries.country_code,
    countries.country_name,
    countries.region,
    customers.signed_up_on,
    customers.acquisition_source,
    customers.has_marketing_consent,
    customers.exported_at
from with_email_status as customers
left join {{ ref('country_aliases') }} as aliases
    on customers.country_alias = aliases.alias
left join {{ ref('countries') }} as countries
    on aliases.country_code = countries.country_code
