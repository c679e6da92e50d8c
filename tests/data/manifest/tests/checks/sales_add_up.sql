{{ config(severity='error', tags=['check']) }}
select * from {{ ref('sales') }} where amount < 0
