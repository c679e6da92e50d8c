-- </script><script>window.pwned=1</script> <!-- --> <![CDATA[ ]]>
/* <img src=x onerror=window.pwned=1> {{ "</textarea><svg onload=window.pwned=1>" }} */
select
    '1' as id,
    cast(null as varchar) as "</script><script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>' as "<img src=x onerror=window.pwned=1>",
    'javascript:window.pwned=1' as "javascript:window.pwned=1",
    '{{ "\u2028\u2029\u202e" }}' as "line{{ "\u2028" }}separator",
    1.5 as "{{ "\u202e" }}gpj.txet",
    'a' as "quotes '' `` "" \ % # ? & / ~ + , end",
    'b' as "💥 émoji ${window.pwned=1}",
    'c' as "{{ "n" * 10240 }}"
