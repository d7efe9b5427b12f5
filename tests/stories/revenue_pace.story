# The quarter asks for 100 MQLs and 1,000,000 of revenue that marketing sourced.
set first_touch_slo = off
set divergence = off
set dimensions = none
set revenue_pace.enabled = true
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=100
2026-03-31 12:00 target_set team=marketing measure=revenue from=2026-04-01 to=2026-07-01 value=1000000 currency=EUR
read 2026-04-10 10:00
stands revenue_pace learning=1
