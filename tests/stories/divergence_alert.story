# Twenty MQLs where one a day was normal, and none of them becomes an SQL. It is seen on Wednesday, when marketing
# opens and Monday's leads are old enough to judge; it is over when two business days have brought none. The flood
# stands in the detection days for a week longer, but it has been told of.
# A second flood, on Monday the 9th, is another one: it is told of on Wednesday, and it is over the day after.
set divergence.baseline = 1 a day, 0.5 convert
set divergence.horizon_days = 1
set divergence.detect_days = 10
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
  MQLs went from 1 to 3 a business day while MQL→SQL within 1 day fell from 50.0 % to 0.0 %.
  Resolved: lately 0 MQLs a business day, and 0.0 % of the last 20 that are old enough to judge went MQL→SQL within 1 day.
2026-03-09 09:00 lead_stage_entered lead_id=second-a stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-b stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-c stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-d stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-e stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-f stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-g stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-h stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-i stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-j stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-k stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-l stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-m stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-n stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-o stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-p stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-q stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-r stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-s stage=mql
2026-03-09 09:00 lead_stage_entered lead_id=second-t stage=mql
read 2026-03-11 08:59
alerts
read 2026-03-20 09:00
alerts
  2026-03-11 09:00 firing ticket divergence all
  2026-03-12 09:00 resolved ticket divergence all
summaries
  MQLs went from 1 to 5 a business day while MQL→SQL within 1 day fell from 50.0 % to 0.0 %.
  Resolved: lately 0 MQLs a business day, and 0.0 % of the last 20 that are old enough to judge went MQL→SQL within 1 day.
