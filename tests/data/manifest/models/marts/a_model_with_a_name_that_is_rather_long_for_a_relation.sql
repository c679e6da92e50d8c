select order_id as the_identifier_of_the_order, amount from {{ ref('sales') }} limit {{ var('limit') }}
