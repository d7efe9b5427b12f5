# But for one all leads have ever gone back without a reason, and of a hundred MQLs one went on: a month in which no
# reason is given and nobody goes on is nothing rare here. That is known, and still nothing that is well.
set dimensions = none
set first_touch_slo = off
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "14d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
each 2026-01-05 2026-04-06 x5 09:00 lead_stage_entered lead_id={} stage=mql
2026-02-18 15:00 lead_stage_entered lead_id=02-18/1 stage=sql
each 2026-01-05 2026-04-06 x5 10:00 lead_dispositioned lead_id=old-{} verdict=recycled
2026-02-18 10:00 lead_dispositioned lead_id=told verdict=recycled reason=budget
read 2026-04-06 10:00
stands reasonless_rejections learning=1
stands divergence learning=1
alerts
