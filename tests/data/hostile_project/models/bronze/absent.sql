select * from {{ source('raw </script>', 'absent') }}
