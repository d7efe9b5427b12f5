# Five of six MQLs wait in vain. While the alert fires two of them are erased: it is told again without them.
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
named
  e d c b a
2026-03-02 13:20 lead_erased lead_id=b
read 2026-03-02 13:30
alerts
  2026-03-02 13:21 firing page first_touch_slo all
named
  e d c a
# One is erased at the boundary at which the alert ends because its rule is switched off.
2026-03-02 13:30 lead_erased lead_id=c
define first_touch_slo = off
read 2026-03-02 14:00
alerts
  2026-03-02 13:31 resolved page first_touch_slo all
named
  e d a
