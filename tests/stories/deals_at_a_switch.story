# Ten deals are opened on each working day and stay open. Marketing touches nine of them in their first five business days,
# six in the next, and five in the third. What is counted anew after a change of definitions begins eighty days ago, in the
# middle of the rounds of all deals that were open then: their mix is what it was, and nothing has to be waited for.
set first_touch_slo = off
set divergence = off
set dimensions = none
set retention_days = 80
set absent_after_handoff.baseline = "56d"
set absent_after_handoff.detect = "7d"
set absent_after_handoff.min_n = 50
set absent_after_handoff.alerts_per_month = 0.5
set absent_after_handoff.clear = 2
set absent_after_handoff.within = "5bd"
each 2026-01-05 2026-05-08 x10 09:00 deal_opened deal_id={}
each 2026-01-05 2026-05-08 x9 10:00 deal_touched deal_id={} team=marketing
each 2026-01-12 2026-05-08 x6 10:00 deal_touched deal_id={-7} team=marketing
each 2026-01-19 2026-05-08 x5 10:00 deal_touched deal_id={-14} team=marketing
read 2026-05-06 10:00
stands absent_after_handoff kept=1
define absent_after_handoff.clear = 3
read 2026-05-07 10:00
stands absent_after_handoff kept=1
alerts
