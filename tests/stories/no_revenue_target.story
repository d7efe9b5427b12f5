# Marketing has ten business days of a period to set a target for revenue beside the one for MQLs.
set first_touch_slo = off
set divergence = off
set dimensions = none
set no_revenue_target.grace = "10bd"
# beat no_revenue_target learning: there is no target at all
2026-03-30 09:00 lead_created lead_id=a
read 2026-03-31 10:00
stands no_revenue_target learning=1
alerts
# beat no_revenue_target quiet: a target for MQLs is set for the second quarter, and there is time left for the other
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=1000
read 2026-04-15 08:59
stands no_revenue_target kept=1
alerts
# beat no_revenue_target fires: ten business days are over
read 2026-04-15 10:00
alerts
  2026-04-15 09:00 firing info no_revenue_target all
summaries
  Marketing has a target of 1000 MQLs for this period and none for revenue.
# beat no_revenue_target clears: one is set, though from May on
2026-04-20 15:00 target_set team=marketing measure=revenue from=2026-05-01 to=2026-07-01 value=100000 currency=EUR
read 2026-04-21 10:00
alerts
  2026-04-21 09:00 resolved info no_revenue_target all
summaries
  Resolved: marketing has a target for revenue beside the one for MQLs.
advice
  Nothing is left to do here. Tell each other what helped, so that it lasts.
# beat no_revenue_target fires: in the third quarter none is told of either
2026-06-29 12:00 target_set team=marketing measure=mql from=2026-07-01 to=2026-10-01 value=1200
read 2026-07-15 10:00
alerts
  2026-07-15 09:00 firing info no_revenue_target all
# beat no_revenue_target late: it had been set before the quarter began, and is told in the middle of July
2026-06-29 12:00 target_set team=marketing measure=revenue from=2026-07-01 to=2026-10-01 value=100000 currency=EUR
read 2026-07-16 10:00
alerts
  2026-07-16 09:00 resolved info no_revenue_target all
# beat no_revenue_target quiet: for the rest of the quarter nothing is said
read 2026-07-31 10:00
stands no_revenue_target kept=1
alerts
