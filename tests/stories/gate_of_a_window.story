# Five of six MQLs wait in vain. The window that is over has a gate of its own, and that is the one that is explained.
set first_touch_slo.windows = 480/120 x6 page 0.0005, 4800/960 x1 ticket
2026-03-02 09:00 lead_stage_entered lead_id=a stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=c stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=d stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=e stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=f stage=mql
2026-03-02 09:20 lead_touched lead_id=f team=sales
read 2026-03-02 13:20
alerts
  2026-03-02 13:15 firing page first_touch_slo all
figure gate that is rare enough
  0.0005
# Nobody is ever assigned here, so that none of these was says nothing.
figure assigned before the touch
  0
