-- No names, addresses or numbers here: analysts count customers, they do not call them.
with customers as (

    select
        customer_id,
        city,
        country_code,
        country_name,
        region,
        split_part(email, '@', 2) as email_domain,
        email_status,
        acquisition_source,
        has_marketing_consent,
        signed_up_on,
        {{ month_of('signed_up_on') }} as signup_month
    from {{ ref('silver_customers') }}

),

-- Guests, and ids that the CRM does not know.
unknown_customer as (

    select
        'unknown' as customer_id,
        cast(null as varchar) as city,
        cast(null as varchar) as country_code,
        'Unknown' as country_name,
        'Unknown' as region,
        cast(null as varchar) as email_domain,
        'missing' as email_status,
        'unknown' as acquisition_source,
        false as has_marketing_consent,
        cast(null as date) as signed_up_on,
        cast(null as date) as signup_month

)

select * from customers
union all
select * from unknown_customer
