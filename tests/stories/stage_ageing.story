# Four MQLs on each working day, and all four move on the same day: what is learned is one working day. From Monday the 6th of
# April on one of four moves on; it is told once a working day has passed over enough of them. When it turns out that the others
# had moved on in time as well, it is over. Then deals and stages stop, and it holds.
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
each 2026-01-05 2026-04-06 x4 12:00 lead_stage_entered lead_id={} stage=sal
each 2026-04-06 2026-04-21 x1 12:00 lead_stage_entered lead_id={} stage=sal
each 2026-01-05 2026-04-21 x1 14:00 lead_stage_entered lead_id=other{} stage=lead
each 2026-01-05 2026-04-21 x1 16:00 lead_stage_entered lead_id=other{} stage=lead
read 2026-03-20 10:00
stands stage_ageing learning=2
read 2026-04-06 10:00
alerts
read 2026-04-13 10:00
alerts
  2026-04-08 09:00 firing ticket stage_ageing all · mql
each 2026-04-06 2026-04-11 x4 12:00 lead_stage_entered lead_id={} stage=sal
read 2026-04-14 10:00
alerts
  2026-04-14 09:00 resolved ticket stage_ageing all · mql
summaries
  3 of 60 items were still in MQL after 1 working day: 5.0 % (usual: 0.0 %).
  Resolved: lately items leave MQL as fast as they used to; of the watched ones 0.0 % took more than 1 working day.
