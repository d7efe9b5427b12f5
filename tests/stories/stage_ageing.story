# Two MQLs on each working day; one moves on the same day, the other after a week. By then all have left, and that is what
# is learned: a week. From Monday the 6th of April on nobody moves on any more: it is told once the first of them are older
# than a week. When it turns out that they had moved on, it is over.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set stage_ageing.baseline = "56d"
set stage_ageing.detect = "21d"
set stage_ageing.min_n = 50
set stage_ageing.alerts_per_month = 0.5
set stage_ageing.clear = 2
each 2026-01-05 2026-04-20 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-04-06 x3 12:00 lead_stage_entered lead_id={} stage=sql
each 2026-01-12 2026-04-13 x1 09:00 lead_dispositioned lead_id=nobody-{} verdict=rejected
each 2026-01-05 2026-04-20 x1 12:00 deal_opened deal_id=D{}
read 2026-03-20 10:00
stands stage_ageing learning=2
read 2026-04-06 10:00
alerts
read 2026-04-20 10:00
alerts
