# Ten deals of 100 euros and more were won before the quarter. In the quarter two MQLs come a day, more than are asked for, and
# no deal of marketing's is won. As many wins as none is seen of may still stand behind it: at 95 % up to 3.69, which by
# Garwood is where none has a chance of 2.5 %. A deal counts as the middle of its bucket, 10,107.5; the plan is 17 / 65 of 10,000
# euros, so that it is 3.6889 x 10,107.5 / 261,538.
set first_touch_slo = off
set divergence = off
set dimensions = none
set revenue_pace.alerts_per_month = 0.5
2025-12-01 11:00 deal_opened deal_id=before origin=sales
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=100
2026-03-31 12:00 target_set team=marketing measure=revenue from=2026-04-01 to=2026-07-01 value=1000000 currency=EUR
each 2026-02-02 2026-02-16 x1 11:00 deal_opened deal_id={} origin=marketing
each 2026-02-02 2026-02-16 x1 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
each 2026-04-01 2026-05-06 x2 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-04-23 10:00
alerts
read 2026-05-05 10:00
alerts
  2026-04-24 09:00 firing ticket revenue_pace all · EUR
summaries
  26.2 % of the period is over: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 0.0 % of its.
figure interval_low
  0
figure interval_high
  0.142561
