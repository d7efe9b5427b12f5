# The quarter asks for 100 MQLs, and for 1,000,000 of revenue from deals that marketing sourced. Two MQLs come a day, more
# than are asked for. Deals of 10,000 are won until the middle of May, then no more: first a quarter of the period and ten
# deals must be over, then the revenue is on its way, then it is too far behind. Deals that had been won and are told late
# bring back half of the gap.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set revenue_pace.alerts_per_month = 0.5
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=100
2026-03-31 12:00 target_set team=marketing measure=revenue from=2026-04-01 to=2026-07-01 value=1000000 currency=EUR
each 2026-04-01 2026-06-20 x2 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-04-01 2026-05-16 x2 11:00 deal_opened deal_id={} origin=marketing
each 2026-04-01 2026-05-16 x2 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
each 2026-04-01 2026-06-20 x2 11:00 deal_opened deal_id=own{} origin=sales
each 2026-04-01 2026-06-20 x2 15:00 deal_opened deal_id=own-{} origin=sales
read 2026-04-10 10:00
stands revenue_pace learning=1
read 2026-05-15 10:00
stands revenue_pace kept=1
alerts
read 2026-06-20 10:00
alerts
  2026-06-17 09:00 firing ticket revenue_pace all · EUR
each 2026-05-18 2026-06-10 x2 11:00 deal_opened deal_id={} origin=marketing
each 2026-05-18 2026-06-10 x2 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
read 2026-06-22 10:00
alerts
  2026-06-22 09:00 resolved ticket revenue_pace all · EUR
summaries
  84.6 % of the period is over: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 78.0 %.
  Resolved: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 112.1 %.
read 2026-06-26 16:00
stands revenue_pace holding=1
