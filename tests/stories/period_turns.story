# Marketing has a target for MQLs and one for revenue in each month. In February next to nothing is won. When March begins
# the alert ends, and says how February ended, not how March stands on its first morning.
set first_touch_slo = off
set divergence = off
set dimensions = none
set revenue_pace.alerts_per_month = 0.5
2025-12-31 12:00 target_set team=marketing measure=mql from=2026-01-01 to=2026-02-01 value=40
2025-12-31 12:00 target_set team=marketing measure=revenue from=2026-01-01 to=2026-02-01 value=400000 currency=EUR
2025-12-31 12:00 target_set team=marketing measure=mql from=2026-02-01 to=2026-03-01 value=40
2025-12-31 12:00 target_set team=marketing measure=revenue from=2026-02-01 to=2026-03-01 value=400000 currency=EUR
2025-12-31 12:00 target_set team=marketing measure=mql from=2026-03-01 to=2026-04-01 value=44
2025-12-31 12:00 target_set team=marketing measure=revenue from=2026-03-01 to=2026-04-01 value=440000 currency=EUR
each 2026-01-01 2026-04-01 x2 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-01 2026-02-01 x2 11:00 deal_opened deal_id={} origin=marketing
each 2026-01-01 2026-02-01 x2 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
each 2026-02-23 2026-02-28 x1 11:00 deal_opened deal_id={} origin=marketing
each 2026-02-23 2026-02-28 x1 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
read 2026-02-13 10:00
alerts
  2026-02-09 09:00 firing ticket revenue_pace all · EUR
read 2026-03-02 10:00
stands revenue_pace kept=1
alerts
  2026-03-02 09:00 resolved ticket revenue_pace all · EUR
summaries
  25.0 % of the period is over: MQLs are at 100.0 % of their plan so far, marketing-sourced revenue in EUR at 0.0 % of its.
  Resolved: the period is over. It ended so: MQLs are at 100.0 % of their plan, marketing-sourced revenue in EUR at 12.5 % of its.
advice
  Marketing: look at which campaigns bring MQLs that never become deals, and move money to those that do. Sales: say which open deals of marketing's could still close in this period, and what they wait for.
  The period ended behind its plan, and nothing of that can be mended any more. Look together at what the next one needs.
# In March it is the same, and no target for April is set: the alert of March ends with March.
read 2026-03-31 10:00
alerts
  2026-03-10 09:00 firing ticket revenue_pace all · EUR
read 2026-04-02 10:00
alerts
  2026-04-01 09:00 resolved ticket revenue_pace all · EUR
summaries
  27.3 % of the period is over: MQLs are at 100.0 % of their plan so far, marketing-sourced revenue in EUR at 0.0 % of its.
  Resolved: the period is over. It ended so: MQLs are at 100.0 % of their plan, marketing-sourced revenue in EUR at 0.0 % of its.
