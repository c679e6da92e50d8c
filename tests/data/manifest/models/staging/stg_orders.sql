{{ config(alias='orders') }}
select order_id, customer_id, amount, status, country from {{ source('erp', 'orders') }}
