{{ config(materialized='view') }}

-- Each endpoint and week against what was promised to its callers.
with weekly as (

    select
        cast(date_trunc('week', log_date) as date) as week_start,
        endpoint,
        count(*) as requests,
        count(*) filter (where is_server_error) as server_errors,
        count(*) filter (where is_timeout) as timeouts,
        percentile_cont(0.95) within group (order by latency_ms) as latency_ms_p95
    from {{ ref('silver_api_logs') }}
    group by 1, 2

)

select
    weekly.week_start,
    weekly.endpoint,
    services.service,
    services.owner,
    weekly.requests,
    weekly.server_errors,
    weekly.timeouts,
    {{ ratio('weekly.server_errors', 'weekly.requests') }} as error_rate,
    round(weekly.latency_ms_p95) as latency_ms_p95,
    services.latency_target_ms,
    weekly.latency_ms_p95 > services.latency_target_ms as is_slow,
    -- Two errors in a quiet week prove nothing.
    weekly.requests >= {{ var('api_min_requests') }}
        and weekly.server_errors > services.max_error_rate * weekly.requests as is_failing
from weekly
inner join {{ ref('api_services') }} as services
    on weekly.endpoint = services.endpoint
