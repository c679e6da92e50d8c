{{ config(materialized='ephemeral', tags='people') }}
select customer_id, name from {{ source('crm', 'people') }}
