-- Fails, so that there is something to tell.
select '</script><script>window.pwned=1</script>' as "<img src=x onerror=window.pwned=1>"
