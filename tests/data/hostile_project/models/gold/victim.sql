{{ config(meta={"owner": "<img src=x onerror=window.pwned=1>", "__proto__": {"polluted": 1}, "constructor": "x", "</script>": "<svg/onload=window.pwned=1>"}) }}
select
    attack.id,
    attack."</script><script>window.pwned=1</script>",
    attack."<img src=x onerror=window.pwned=1>" as "<img src=x onerror=window.pwned=1>",
    attack."{{ "n" * 10240 }}",
    opaque."💥 émoji ${window.pwned=1}"
from {{ ref('attack') }} as attack
left join {{ ref('opaque') }} as opaque on attack.id = opaque.id
