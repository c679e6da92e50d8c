select * from {{ source('raw', 'region') }}
