select * from {{ source('raw', 'supplier') }}
