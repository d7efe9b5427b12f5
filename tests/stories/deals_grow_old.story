# Ten deals are opened on each working day and stay open. Marketing touches nine of them in their first twenty business days,
# six in the next, five in the third, one in the fourth and none later. Nothing ever changes: deals that grow old are touched
# less, and while a log is young there are none.
set first_touch_slo = off
set divergence = off
set dimensions = none
set absent_after_handoff.baseline = "56d"
set absent_after_handoff.detect = "7d"
set absent_after_handoff.min_n = 50
set absent_after_handoff.alerts_per_month = 0.5
set absent_after_handoff.clear = 2
set absent_after_handoff.within = "20bd"
each 2026-01-05 2026-07-31 x10 09:00 deal_opened deal_id={}
each 2026-01-05 2026-07-31 x9 10:00 deal_touched deal_id={} team=marketing
each 2026-02-02 2026-07-31 x6 10:00 deal_touched deal_id={-28} team=marketing
each 2026-03-02 2026-07-31 x5 10:00 deal_touched deal_id={-56} team=marketing
each 2026-03-30 2026-07-31 x1 10:00 deal_touched deal_id={-84} team=marketing
# The third round of the deals of the first day is over on the 27th of March: eight weeks and one later it is known what is
# usual.
read 2026-05-28 10:00
stands absent_after_handoff learning=1
read 2026-05-29 10:00
stands absent_after_handoff kept=1
read 2026-07-31 10:00
stands absent_after_handoff kept=1
alerts
