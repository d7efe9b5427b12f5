# Five deals are opened on each working day and stay open; marketing touches four of them in their first round of five
# business days and none later on. Deals that are opened from Monday the 6th of April on it leaves alone: that is told a week later, when
# their rounds end. When it turns out that it had touched them, it is over. Then no touches arrive at all, and it holds.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set absent_after_handoff.baseline = "56d"
set absent_after_handoff.detect = "21d"
set absent_after_handoff.min_n = 50
set absent_after_handoff.alerts_per_month = 0.5
set absent_after_handoff.clear = 2
set absent_after_handoff.within = "5bd"
each 2026-01-05 2026-04-20 x5 09:00 deal_opened deal_id={}
each 2026-01-05 2026-04-06 x4 10:00 deal_touched deal_id={} team=marketing automated=true
each 2026-01-05 2026-04-21 x2 10:00 deal_touched deal_id=01-05/1 team=sales
each 2026-01-05 2026-04-21 x2 13:00 deal_touched deal_id=01-05/1 team=sales
each 2026-01-05 2026-04-21 x2 16:00 deal_touched deal_id=01-05/1 team=sales
each 2026-01-13 2026-04-28 x5 09:00 deal_stage_entered deal_id=unknown-{} stage=lost status=lost
read 2026-03-20 10:00
stands absent_after_handoff learning=1
read 2026-04-06 10:00
alerts
read 2026-04-14 10:00
alerts
  2026-04-14 09:00 firing ticket absent_after_handoff all
each 2026-04-06 2026-04-14 x5 10:00 deal_touched deal_id={} team=marketing
read 2026-04-16 10:00
alerts
  2026-04-15 09:00 resolved ticket absent_after_handoff all
summaries
  Open deals went 40 business hours without a touch by marketing 878 of 930 times: 94.4 % (usual: 88.4 %).
  Resolved: lately marketing is in touch with open deals again; over the watched days 93.3 % of the rounds had no touch.
read 2026-04-28 16:00
stands absent_after_handoff holding=1
