# Targets are told anew twice a day. One for MQLs is set for the second quarter, and then nothing is heard of programs any more:
# whether there is one for revenue as well is not known.
set source = crm
set first_touch_slo = off
set divergence = off
set dimensions = none
set no_data.min_n = 10
set no_revenue_target.grace = "10bd"
each 2026-02-23 2026-04-08 x1 09:00 target_set team=marketing measure=revenue from=2026-01-01 to=2026-04-01 value=100000 currency=EUR
each 2026-02-23 2026-04-08 x1 14:00 target_set team=marketing measure=revenue from=2026-01-01 to=2026-04-01 value=100000 currency=EUR
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=1000
read 2026-04-07 10:00
stands no_revenue_target kept=1
alerts
# beat no_revenue_target holds: ten business days are over, and nothing is heard of programs
read 2026-04-15 10:00
stands no_revenue_target holding=1
alerts
  2026-04-13 13:00 firing ticket no_data all · crm programs
