# The plan for revenue is that of the year, that for MQLs one of each month; the log begins in September. What was won
# before nobody knows, nor who sourced the deals that were opened before and are won in its first two weeks (as many days as
# from MQL to won); what is won since then is on plan.
set first_touch_slo = off
set divergence = off
set dimensions = none
set revenue_pace.alerts_per_month = 0.5
2026-09-01 08:00 target_set team=marketing measure=mql from=2026-09-01 to=2026-10-01 value=44
2026-09-01 08:00 target_set team=marketing measure=mql from=2026-10-01 to=2026-11-01 value=44
2026-09-01 08:00 target_set team=marketing measure=mql from=2026-11-01 to=2026-12-01 value=42
2026-09-01 08:00 target_set team=marketing measure=mql from=2026-12-01 to=2027-01-01 value=46
2026-09-01 08:00 target_set team=marketing measure=revenue from=2026-01-01 to=2027-01-01 value=5220000 currency=EUR
each 2026-09-01 2026-11-01 x2 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-09-01 2026-09-15 x2 12:00 deal_stage_entered deal_id=before-{} stage=won status=won amount_minor=10000 currency=EUR
each 2026-09-15 2026-11-01 x2 11:00 deal_opened deal_id={} origin=marketing
each 2026-09-15 2026-11-01 x2 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
read 2026-11-02 10:00
stands revenue_pace learning=1
alerts
# Then nothing is won any more. It is told once a quarter of the year has been counted, and of December's MQLs.
each 2026-11-02 2026-12-16 x2 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-11-02 2026-12-16 x2 11:00 deal_opened deal_id={} origin=marketing
read 2026-12-16 10:00
alerts
  2026-12-16 09:00 firing ticket revenue_pace all · EUR
summaries
  25.3 % of the period is over and counted, from 2026-09-15 on: MQLs are at 100.0 % of their plan of 2026-12-01 to 2027-01-01 so far, marketing-sourced revenue in EUR at 51.5 % of its.
