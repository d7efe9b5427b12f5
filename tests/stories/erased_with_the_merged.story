# Whoever was merged into a lead is the same person: erased with it, and forgotten by the alert that fires.
set partitions = 4
2026-03-02 09:00 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=c stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=d stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=e stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=f stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=g stage=mql
2026-03-02 09:20 lead_touched lead_id=g team=sales
read 2026-03-02 13:20
alerts
  2026-03-02 13:15 firing page first_touch_slo all
named
  f e d c b
# b was merged into g, c into d and that into g.
2026-03-02 13:20 lead_merged lead_id=b into=g
2026-03-02 13:20 lead_merged lead_id=c into=d
2026-03-02 13:21 lead_merged lead_id=d into=g
2026-03-02 13:22 lead_erased lead_id=g
read 2026-03-02 13:30
alerts
  2026-03-02 13:23 firing page first_touch_slo all
named
  f e
# It is found out later that e was the same person too.
2026-03-02 13:30 lead_merged lead_id=e into=g
read 2026-03-02 13:35
alerts
  2026-03-02 13:31 firing page first_touch_slo all
named
  f
