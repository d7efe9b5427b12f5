# What the score is made of, from the first day to an alert and past it. Four MQLs come on each working day, two go on to
# sales, and sales calls all within the hour.
set dimensions = none
set divergence.baseline = 4 a day, 0.5 convert
set divergence.horizon_days = 1
set divergence.detect_days = 10
read 2026-02-02 08:00
score
  none
each 2026-02-02 2026-03-27 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-02-02 2026-03-27 x2 10:00 lead_stage_entered lead_id={} stage=sql
each 2026-02-02 2026-03-23 x4 09:30 lead_touched lead_id={} team=sales
each 2026-02-02 2026-02-14 x1 11:00 deal_opened deal_id={} lead_id={}
each 2026-02-02 2026-02-14 x1 15:00 deal_stage_entered deal_id={} lead_id={} stage=won status=won amount_minor=15000 currency=EUR
each 2026-02-16 2026-02-21 x1 11:00 deal_opened deal_id={} lead_id={}
each 2026-02-16 2026-02-21 x1 15:00 deal_stage_entered deal_id={} lead_id={} stage=won status=won amount_minor=20000 currency=USD
read 2026-03-23 09:00
score
  100
  first_touch_slo 1
  divergence 1
# On Monday the 23rd one of four is missed. The window of a working day has eight since Friday 13:00: 2.5 of the 6 times
# that it may burn, and P(1 miss or more of 8) = 1 - 0.95^8, whose logarithm is 0.157637 of that of the gate, 0.001.
each 2026-03-23 2026-03-24 x3 09:30 lead_touched lead_id={} team=sales
read 2026-03-23 13:05
score
  92.118129
  first_touch_slo 0.842363
  divergence 1
# On Tuesday marketing hands over twelve, six of which go on. Sales calls four.
each 2026-03-24 2026-03-25 x8 09:00 lead_stage_entered lead_id=more-{} stage=mql
each 2026-03-24 2026-03-25 x4 10:00 lead_stage_entered lead_id=more-{} stage=sql
each 2026-03-24 2026-03-25 x4 09:30 lead_touched lead_id={} team=sales
read 2026-03-24 13:20
alerts
  2026-03-24 13:15 firing page first_touch_slo all
score
  50
  first_touch_slo 0
  divergence 1
# Of the sixteen since Monday 13:00 nine are missed, 8.2 more than 5 %. Of 100 MQLs 15 were won, for 150,000 cents of one
# currency and 100,000 of another.
figure journeys at risk
  8.2
figure EUR at risk, in minor units
  12300
figure USD at risk, in minor units
  8200
# On Wednesday and Thursday all are called. At 13:00 on Thursday four more have been called in time: nine misses of the 52 of
# ten working days are no longer as rare as the gate asks for (P = 0.00101, whose logarithm is 0.997897 of that of 0.001).
# An hour later the alert ends; and no short window holds a miss any more.
each 2026-03-25 2026-03-27 x4 09:30 lead_touched lead_id={} team=sales
read 2026-03-26 13:30
score
  50.105163
  first_touch_slo 0.002103
  divergence 1
read 2026-03-26 14:30
alerts
  2026-03-26 14:05 resolved page first_touch_slo all
score
  100
  first_touch_slo 1
  divergence 1
