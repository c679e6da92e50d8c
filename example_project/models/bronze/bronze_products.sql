-- The buyers' catalogue, with its French column names translated and nothing else changed.
select
    reference as product_id,
    libelle as product_name,
    categorie as category_code,
    prix_ht as unit_price,
    taux_tva as vat_rate_percent,
    poids_kg as weight_kg,
    actif as is_active,
    date_lancement as launched_on
from {{ source('raw', 'products') }}
