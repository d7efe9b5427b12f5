# Twenty MQLs where one a day was normal, and none of them becomes an SQL. It is seen on Wednesday, when marketing
# opens and Monday's leads are old enough to judge; it is over when two business days have brought none. The flood
# still stands in the detection days of the next week, but it has been told of.
set divergence.baseline = 1 a day, 0.5 convert
set divergence.horizon_days = 1
set divergence.detect_days = 5
set divergence.clear_days = 2
2026-03-02 09:00 lead_stage_entered lead_id=a stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=c stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=d stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=e stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=f stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=g stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=h stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=i stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=j stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=k stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=l stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=m stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=n stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=o stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=p stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=q stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=r stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=s stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=t stage=mql
read 2026-03-04 08:59
alerts
read 2026-03-05 09:00
alerts
  2026-03-04 09:00 firing ticket divergence all
  2026-03-05 09:00 resolved ticket divergence all
summaries
  MQLs went from 1 to 7 a business day while MQL→SQL within 1 day fell from 50.0 % to 0.0 %.
  Resolved: lately 0 MQLs a business day, and 0.0 % of the last 20 that are old enough to judge went MQL→SQL within 1 day.
read 2026-03-12 09:00
alerts
