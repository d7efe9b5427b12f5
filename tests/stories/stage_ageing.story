# Four MQLs on each working day: three move on the same day, the last is sent back a week later. So 90 % have left after five
# working days. From Monday the 6th of April on nobody moves on; it is told once five working days have passed over enough of
# them. When it turns out that they had moved on in time, it is over. Then verdicts and leads stop, and it holds.
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
each 2026-01-05 2026-04-21 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-04-06 x3 12:00 lead_stage_entered lead_id={} stage=sql
each 2026-01-12 2026-04-13 x1 12:00 lead_dispositioned lead_id={}-nobody verdict=rejected
read 2026-03-20 10:00
read 2026-04-06 10:00
alerts
read 2026-04-21 10:00
alerts
