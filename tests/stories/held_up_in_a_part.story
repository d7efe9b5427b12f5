# Four small customers become MQLs on each working day and move on at once, and a large one, which takes a week. Then
# three of the four small ones stay. Of small ones a working day says that, of all together six do. By then the small ones
# have been told of, and without them, counted with the same six days, all is as usual: the whole is not told of as well.
set first_touch_slo = off
set divergence = off
set stage_ageing.baseline = "56d"
set stage_ageing.detect = "14d"
set stage_ageing.min_n = 30
set stage_ageing.alerts_per_month = 0.5
set stage_ageing.clear = 2
each 2026-01-05 2026-04-20 x4 08:00 lead_created lead_id=s{} source=small
each 2026-01-05 2026-04-20 x4 09:00 lead_stage_entered lead_id=s{} stage=mql
each 2026-01-05 2026-04-06 x4 12:00 lead_stage_entered lead_id=s{} stage=sal
each 2026-04-06 2026-04-20 x1 12:00 lead_stage_entered lead_id=s{} stage=sal
each 2026-01-05 2026-04-20 x1 08:00 lead_created lead_id=l{} source=large
each 2026-01-05 2026-04-20 x1 09:00 lead_stage_entered lead_id=l{} stage=mql
each 2026-01-12 2026-04-20 x1 12:00 lead_stage_entered lead_id=l{-7} stage=sal
read 2026-04-06 10:00
alerts
read 2026-04-17 10:00
alerts
  2026-04-08 09:00 firing ticket stage_ageing source=small · mql
summaries
  3 of 4 items (source=small) that entered MQL since 6 Apr were still there after 1 working day: 75.0 % (usual: 0.0 %). Outside source=small it is 100.0 % (usual: 100.0 %).
