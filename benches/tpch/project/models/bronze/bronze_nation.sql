select * from {{ source('raw', 'nation') }}
