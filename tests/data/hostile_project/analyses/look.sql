select '</script>' as "javascript:window.pwned=1" from {{ ref('victim') }}
