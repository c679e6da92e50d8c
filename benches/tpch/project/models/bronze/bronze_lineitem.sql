select * from {{ source('raw', 'lineitem') }}
