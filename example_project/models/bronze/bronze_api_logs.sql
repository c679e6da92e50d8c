select
    request_id,
    logged_at,
    shipped_at,
    method as http_method,
    path,
    status as http_status,
    latency_ms,
    client
from {{ source('raw', 'api_logs') }}
