# Twenty MQLs where one a day was normal, and none of them becomes an SQL.
set divergence.baseline = 1 a day, 0.5 convert
set divergence.horizon_days = 1
set divergence.detect_days = 10
set divergence.clear_days = 2
# beat divergence fires: it is seen on Wednesday, when marketing opens and Monday's leads are old enough to judge
each 2026-03-02 2026-03-03 x20 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-03-04 08:59
alerts
read 2026-03-04 09:00
alerts
  2026-03-04 09:00 firing ticket divergence all
summaries
  MQLs went from 1 to 10 a business day (over 2 business days) while MQL→SQL within 1 day fell from 50.0 % to 0.0 %.
# beat divergence clears: two business days have brought none
read 2026-03-05 09:00
alerts
  2026-03-05 09:00 resolved ticket divergence all
summaries
  Resolved: lately 0 MQLs a business day, and 0.0 % of the last 20 that are old enough to judge went MQL→SQL within 1 day.
# The flood stands in the detection days for a week longer, but it has been told of. A second one, on Monday the 9th, is
# another one: it is told of on Wednesday, and it is over the day after.
each 2026-03-09 2026-03-10 x20 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-03-11 08:59
alerts
read 2026-03-20 09:00
alerts
  2026-03-11 09:00 firing ticket divergence all
  2026-03-12 09:00 resolved ticket divergence all
summaries
  MQLs went from 1 to 10 a business day (over 2 business days) while MQL→SQL within 1 day fell from 50.0 % to 0.0 %.
  Resolved: lately 0 MQLs a business day, and 0.0 % of the last 20 that are old enough to judge went MQL→SQL within 1 day.
