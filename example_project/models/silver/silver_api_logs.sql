{{
    config(
        materialized='incremental',
        incremental_strategy='append'
    )
}}

-- Log lines never change, so new ones are appended. "New" is what the shipper delivered since
-- the last build: a line may be days old when it arrives.
with shipped as (

    select
        *,
        {{ parse_timestamp('logged_at') }} as logged_time,
        {{ parse_timestamp('shipped_at') }} as shipped_time
    from {{ ref('bronze_api_logs') }}

),

new_lines as (

    select *
    from shipped
    {% if is_incremental() %}
    where shipped_time > (select max(shipped_at) from {{ this }})
    {% endif %}

),

unique_lines as (

    {{ deduplicate('new_lines', unique_key='request_id', order_by='shipped_time') }}

),

cleaned as (

    select
        request_id,
        logged_time as logged_at,
        shipped_time as shipped_at,
        upper(http_method) as http_method,
        -- /V1/products/P0042/ -> /v1/products/{id}
        regexp_replace(rtrim(lower(path), '/'), '/[a-z]?[0-9]{4,}$', '/{id}') as endpoint,
        http_status,
        -- The gateway writes -1 when it gave up waiting.
        case when latency_ms >= 0 then latency_ms end as latency_ms,
        http_status = 504 as is_timeout,
        http_status >= 500 as is_server_error,
        client
    from unique_lines

)

select
    cleaned.request_id,
    cleaned.logged_at,
    cast(cleaned.logged_at as date) as log_date,
    cleaned.shipped_at,
    cleaned.http_method,
    cleaned.endpoint,
    coalesce(services.service, 'unknown') as service,
    cleaned.http_status,
    cleaned.latency_ms,
    cleaned.is_timeout,
    cleaned.is_server_error,
    cleaned.client
from cleaned
left join {{ ref('api_services') }} as services
    on cleaned.endpoint = services.endpoint
