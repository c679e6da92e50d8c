select * from {{ source('raw', 'customer') }}
