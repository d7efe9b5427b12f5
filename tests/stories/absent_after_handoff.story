# Five deals are opened on each working day and lost a week later; in the five business days between marketing touches four
# of them. Sales calls somebody three times a day.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set absent_after_handoff.baseline = "56d"
set absent_after_handoff.detect = "7d"
set absent_after_handoff.min_n = 50
set absent_after_handoff.alerts_per_month = 0.5
set absent_after_handoff.clear = 2
set absent_after_handoff.within = "5bd"
each 2026-01-05 2026-04-24 x5 09:00 deal_opened deal_id={}
each 2026-01-12 2026-04-24 x5 09:30 deal_stage_entered deal_id={-7} stage=lost status=lost
each 2026-01-05 2026-04-06 x4 10:00 deal_touched deal_id={} team=marketing automated=true
each 2026-01-05 2026-04-24 x1 11:00 lead_touched lead_id=call-{} team=sales
each 2026-01-05 2026-04-24 x1 13:00 lead_touched lead_id=call-{} team=sales
each 2026-01-05 2026-04-24 x1 15:00 lead_touched lead_id=call-{} team=sales
# beat absent_after_handoff learning: there are not yet eight weeks before the watched one
read 2026-03-06 10:00
stands absent_after_handoff learning=1
alerts
# beat absent_after_handoff quiet: one deal of five that is left alone is usual here
read 2026-04-06 10:00
stands absent_after_handoff kept=1
alerts
# beat absent_after_handoff fires: marketing leaves alone all deals of Monday the 6th; their days are over on Friday
each 2026-04-07 2026-04-16 x4 10:00 deal_touched deal_id={} team=marketing
read 2026-04-13 10:00
stands absent_after_handoff broken=1
alerts
  2026-04-13 09:00 firing ticket absent_after_handoff all
# Those of the four days since are in their first round, and those of Monday the 6th in their second.
young
  25 absent_after_handoff all
summaries
  Since 10 Apr open deals went 40 business hours without a touch by marketing 5 of 5 times: 100.0 % (usual: 20.0 %).
# beat absent_after_handoff clears: of those of the next days it touches four of five, until that is no chance any more
read 2026-04-22 10:00
stands absent_after_handoff kept=1
alerts
  2026-04-20 09:00 resolved ticket absent_after_handoff all
summaries
  Resolved: lately open deals went 40 business hours without a touch by marketing 20.0 % of the times (usual: 20.0 %); since 10 Apr it was 33.3 %.
# beat absent_after_handoff fires: those of Thursday it leaves alone again
read 2026-04-23 10:00
alerts
  2026-04-23 09:00 firing ticket absent_after_handoff all
# beat absent_after_handoff late: it had not; it is told on Thursday, a week later
each 2026-04-16 2026-04-20 x4 10:00 deal_touched deal_id={} team=marketing
read 2026-04-24 10:00
alerts
  2026-04-24 09:00 resolved ticket absent_after_handoff all
summaries
  Since 22 Apr open deals went 40 business hours without a touch by marketing 5 of 5 times: 100.0 % (usual: 20.0 %).
  Resolved: lately open deals went 40 business hours without a touch by marketing 20.0 % of the times (usual: 20.0 %); since 20 Apr it was 20.0 %.
# beat absent_after_handoff holds: no touches arrive, of whomever
read 2026-04-28 10:00
stands absent_after_handoff holding=1
alerts
  2026-04-27 16:00 firing ticket no_data all · crm touches
