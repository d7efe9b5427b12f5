# Marketing has a target for MQLs in the second quarter, and none for revenue. Ten business days are left to set one; then
# it is told, until one is set. In the third quarter both are set in time.
set first_touch_slo = off
set divergence = off
set dimensions = none
set no_revenue_target.grace = "10bd"
2026-03-30 09:00 lead_created lead_id=a
read 2026-03-31 10:00
stands no_revenue_target learning=1
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=1000
read 2026-04-15 08:59
stands no_revenue_target kept=1
alerts
read 2026-04-15 10:00
alerts
  2026-04-15 09:00 firing info no_revenue_target all
2026-04-20 15:00 target_set team=marketing measure=revenue from=2026-05-01 to=2026-07-01 value=100000 currency=EUR
read 2026-04-21 10:00
alerts
  2026-04-21 09:00 resolved info no_revenue_target all
summaries
  Marketing has a target of 1000 MQLs for this period and none for revenue.
  Resolved: marketing has a target for revenue beside the one for MQLs.
2026-06-29 12:00 target_set team=marketing measure=mql from=2026-07-01 to=2026-10-01 value=1000
2026-06-29 12:00 target_set team=marketing measure=revenue from=2026-07-01 to=2026-10-01 value=100000 currency=EUR
read 2026-07-31 10:00
alerts
