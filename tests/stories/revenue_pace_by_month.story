# Revenue has a target for the quarter, MQLs have one a month. There are half as many MQLs as are asked for, and no
# deals of marketing's are won after January. On the first mornings of a month, when next to no MQL was asked for yet,
# that is no reason to say that the MQLs are on plan.
set first_touch_slo = off
set divergence = off
set dimensions = none
set revenue_pace.alerts_per_month = 0.5
2025-12-01 11:00 deal_opened deal_id=before origin=sales
2025-12-31 12:00 target_set team=marketing measure=mql from=2026-01-01 to=2026-02-01 value=84
2025-12-31 12:00 target_set team=marketing measure=mql from=2026-02-01 to=2026-03-01 value=80
2025-12-31 12:00 target_set team=marketing measure=mql from=2026-03-01 to=2026-04-01 value=88
2025-12-31 12:00 target_set team=marketing measure=revenue from=2026-01-01 to=2026-04-01 value=1000000 currency=EUR
each 2026-01-01 2026-03-05 x2 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-01 2026-02-01 x1 11:00 deal_opened deal_id={} origin=marketing
each 2026-01-01 2026-02-01 x1 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
read 2026-02-27 17:00
alerts
read 2026-03-05 10:00
stands revenue_pace learning=1
alerts
# From the 5th of March on there are five a day: on the 13th they come to the 36 that are asked for by then.
each 2026-03-05 2026-04-01 x5 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-04-01 08:00
stands revenue_pace broken=1
alerts
  2026-03-13 09:00 firing ticket revenue_pace all · EUR
summaries
  79.7 % of the period is over: MQLs are at 100.0 % of their plan of 2026-03-01 to 2026-04-01 so far, marketing-sourced revenue in EUR at 27.6 % of its.
named
  01-30/1 01-29/1 01-28/1 01-27/1 01-26/1
