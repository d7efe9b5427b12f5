# The quarter asks for 100 MQLs, and for 10,000 euros from deals that marketing sourced. Two MQLs come a day, more than are
# asked for. Deals of 100 euros are won, two a day. Sales opens deals of its own, which count for nothing here.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set revenue_pace.alerts_per_month = 0.5
2026-03-02 11:00 deal_opened deal_id=before origin=sales
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=100
2026-03-31 12:00 target_set team=marketing measure=revenue from=2026-04-01 to=2026-07-01 value=1000000 currency=EUR
each 2026-04-01 2026-06-24 x2 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-04-01 2026-05-16 x2 11:00 deal_opened deal_id={} origin=marketing
each 2026-04-01 2026-05-16 x2 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
each 2026-04-01 2026-06-24 x2 11:00 deal_opened deal_id=own{} origin=sales
each 2026-04-01 2026-06-24 x2 15:00 deal_opened deal_id=own-{} origin=sales
each 2026-04-01 2026-06-24 x1 13:00 deal_opened deal_id=own--{} origin=sales
# beat revenue_pace learning: a quarter of the period and ten won deals must be over
read 2026-04-10 10:00
stands revenue_pace learning=1
alerts
# beat revenue_pace quiet: both are on their way; what is missing of the revenue is chance
read 2026-05-15 10:00
stands revenue_pace kept=1
alerts
# beat revenue_pace fires: since the middle of May no deal has been won
read 2026-06-17 10:00
alerts
  2026-06-17 09:00 firing ticket revenue_pace all · EUR
summaries
  84.6 % of the period is over: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 78.0 % of its.
# beat revenue_pace clears: fifteen are won in three days, which makes up more than half of the gap
each 2026-06-17 2026-06-20 x5 11:00 deal_opened deal_id={} origin=marketing
each 2026-06-17 2026-06-20 x5 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
read 2026-06-22 10:00
alerts
  2026-06-22 09:00 resolved ticket revenue_pace all · EUR
summaries
  Resolved: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 90.8 % of its.
# beat revenue_pace late: it turns out that ten deals of May fell through a week after they were won
each 2026-05-18 2026-05-23 x2 12:00 deal_stage_entered deal_id={-7} stage=lost status=lost
read 2026-06-23 10:00
alerts
  2026-06-23 09:00 firing ticket revenue_pace all · EUR
summaries
  90.8 % of the period is over: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 78.2 % of its.
# beat revenue_pace holds: neither leads nor deals arrive; who says that none were won?
read 2026-06-30 10:00
stands revenue_pace holding=1
alerts
  2026-06-26 11:00 firing ticket no_data all · crm deals
