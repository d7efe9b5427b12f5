# The quarter asks for 100 MQLs, and for 10,000 euros from deals that marketing sourced. Two MQLs come a day, and two deals
# of 100 euros are won, until the middle of May. From then on the amounts of the deals are not recorded any more, of one,
# and those of the other are in dollars, for which there is no target: what is not told is not missing.
set first_touch_slo = off
set divergence = off
set dimensions = none
set revenue_pace.alerts_per_month = 0.5
2026-03-02 11:00 deal_opened deal_id=before origin=sales
2026-03-31 12:00 target_set team=marketing measure=mql from=2026-04-01 to=2026-07-01 value=100
2026-03-31 12:00 target_set team=marketing measure=revenue from=2026-04-01 to=2026-07-01 value=1000000 currency=EUR
each 2026-04-01 2026-06-30 x2 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-04-01 2026-05-16 x2 11:00 deal_opened deal_id={} origin=marketing
each 2026-04-01 2026-05-16 x2 12:00 deal_stage_entered deal_id={} stage=won status=won amount_minor=10000 currency=EUR
each 2026-05-18 2026-06-17 x1 11:00 deal_opened deal_id=unsaid-{} origin=marketing
each 2026-05-18 2026-06-17 x1 12:00 deal_stage_entered deal_id=unsaid-{} stage=won status=won
each 2026-05-18 2026-06-17 x1 11:00 deal_opened deal_id=dollars-{} origin=marketing
each 2026-05-18 2026-06-17 x1 12:00 deal_stage_entered deal_id=dollars-{} stage=won status=won amount_minor=10000 currency=USD
read 2026-05-15 10:00
stands revenue_pace kept=1
read 2026-06-17 10:00
stands revenue_pace learning=1
alerts
# It turns out that all of them but one fell through: with what that one may have brought the plan is not kept.
each 2026-05-18 2026-06-17 x1 12:30 deal_stage_entered deal_id=dollars-{} stage=lost status=lost
each 2026-05-18 2026-06-16 x1 12:30 deal_stage_entered deal_id=unsaid-{} stage=lost status=lost
read 2026-06-18 10:00
alerts
  2026-06-18 09:00 firing ticket revenue_pace all · EUR
summaries
  86.2 % of the period is over: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 76.6 % of its. Of 67 deals won some count nowhere: 1 without an amount.
# Then a dozen more are won, of which the amounts are not told: it cannot be said any more.
each 2026-06-18 2026-06-19 x12 11:00 deal_opened deal_id=more-{} origin=marketing
each 2026-06-18 2026-06-19 x12 12:00 deal_stage_entered deal_id=more-{} stage=won status=won
read 2026-06-19 10:00
stands revenue_pace learning=1
alerts
  2026-06-19 09:00 resolved ticket revenue_pace all · EUR
summaries
  Resolved: MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 75.3 % of its. Of 79 deals won some count nowhere: 13 without an amount.
advice
  Marketing: look at which campaigns bring MQLs that never become deals, and move money to those that do. Sales: say which open deals of marketing's could still close in this period, and what they wait for.
  Nothing is known to be mended. Sales: record the amounts of the deals that were won, in the currency of the target. Operations: see whether they still reach the CRM's feed.
