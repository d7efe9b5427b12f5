# MQLs of a Friday afternoon have until Monday; nobody is called while sales is at home.
2026-03-06 14:00 lead_stage_entered lead_id=a stage=mql
2026-03-06 14:00 lead_stage_entered lead_id=b stage=mql
2026-03-06 14:00 lead_stage_entered lead_id=c stage=mql
2026-03-06 14:00 lead_stage_entered lead_id=d stage=mql
2026-03-06 14:00 lead_stage_entered lead_id=e stage=mql
2026-03-06 14:00 lead_stage_entered lead_id=f stage=mql
2026-03-06 14:05 lead_touched lead_id=f team=sales
read 2026-03-09 09:00
alerts
expect 2026-03-09 10:01 all first_touch_missed
  first_touch_missed[unassigned] 2026-03-09 10:00 5
read 2026-03-09 11:00
alerts
  2026-03-09 10:15 firing page first_touch_slo all
