select * from {{ source('raw', 'partsupp') }}
