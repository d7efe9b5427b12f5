# Four MQLs on each working day, and all four move on the same day: what is learned is one working day. Nobody leaves SAL,
# so there it never learns how long that takes. Leads that are no MQLs are told twice a day.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set stage_ageing.baseline = "56d"
set stage_ageing.detect = "7d"
set stage_ageing.min_n = 50
set stage_ageing.alerts_per_month = 0.5
set stage_ageing.clear = 2
each 2026-01-05 2026-04-21 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-04-06 x4 12:00 lead_stage_entered lead_id={} stage=sal
each 2026-01-05 2026-04-23 x1 14:00 lead_stage_entered lead_id=other{} stage=lead
each 2026-01-05 2026-04-23 x1 16:00 lead_stage_entered lead_id=other{} stage=lead
# beat stage_ageing learning: there are not yet eight weeks before the watched one
read 2026-03-06 10:00
stands stage_ageing learning=2
alerts
# beat stage_ageing quiet: all MQLs move on as they used to
read 2026-04-06 10:00
stands stage_ageing kept=1 learning=1
alerts
# beat stage_ageing fires: three of Monday's four are still there when a working day has passed over them
each 2026-04-06 2026-04-08 x1 12:00 lead_stage_entered lead_id={} stage=sal
read 2026-04-08 10:00
alerts
  2026-04-08 09:00 firing ticket stage_ageing all · mql
summaries
  3 of 4 items that entered MQL since 6 Apr were still there after 1 working day: 75.0 % (usual: 0.0 %).
# beat stage_ageing clears: all of the next days move on at once, and not by chance
each 2026-04-08 2026-04-17 x4 12:00 lead_stage_entered lead_id={} stage=sal
read 2026-04-20 10:00
alerts
  2026-04-14 09:00 resolved ticket stage_ageing all · mql
summaries
  Resolved: lately 0.0 % of the items that entered MQL were still there after 1 working day (usual: 0.0 %); since 6 Apr it was 30.0 %.
# beat stage_ageing fires: three of Friday's are still there
each 2026-04-17 2026-04-18 x1 12:00 lead_stage_entered lead_id={} stage=sal
read 2026-04-21 10:00
alerts
  2026-04-21 09:00 firing ticket stage_ageing all · mql
# beat stage_ageing late: it turns out on Tuesday that they had moved on in time
each 2026-04-17 2026-04-21 x4 12:00 lead_stage_entered lead_id={} stage=sal
read 2026-04-22 10:00
alerts
  2026-04-22 09:00 resolved ticket stage_ageing all · mql
summaries
  3 of 4 items that entered MQL since 17 Apr were still there after 1 working day: 75.0 % (usual: 0.0 %).
  Resolved: lately 0.0 % of the items that entered MQL were still there after 1 working day (usual: 0.0 %); since 13 Apr it was 0.0 %.
# beat stage_ageing holds: nothing of leads arrives any more; who has left is not known
read 2026-04-29 10:00
stands stage_ageing learning=1 holding=1
alerts
  2026-04-24 15:00 firing ticket no_data all · crm leads
