{{ config(schema='in_file', tags=['file']) }}
select {{ shared.one() }} as day
