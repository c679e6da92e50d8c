-- Les pénalités, en français : le site doit les trouver sans accents.
select
    "l'état d'Œuvre" as "l'état d'Œuvre",
    count(*) as "nombre de pénalités",
    sum("montant_pénalité") as "montant_pénalité"
from {{ ref('pénalités') }}
group by 1
