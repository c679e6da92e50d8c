select * from {{ source('raw', 'part') }}
