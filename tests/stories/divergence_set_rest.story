# Forty MQLs a working day are usual in the whole company, of which half go on, and that is set. Ten of them are of webinars: from
# Monday the 13th of April on fifteen, of which two go on; six days of 1.9 beyond the reference come to 10.6. That is one in eight
# more in the whole company, and no flood of it.
set first_touch_slo = off
set dimensions = source
set divergence.baseline = 40 a day, 0.5 convert
set divergence.min_n = 30
set divergence.horizon_days = 1
set divergence.detect_days = 14
each 2026-01-05 2026-05-04 x30 09:00 lead_created lead_id={} source=organic
each 2026-01-05 2026-05-04 x30 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-05-04 x15 15:00 lead_stage_entered lead_id={} stage=sql
each 2026-01-05 2026-04-13 x10 09:00 lead_created lead_id=W-{} source=webinar
each 2026-01-05 2026-04-13 x10 09:00 lead_stage_entered lead_id=W-{} stage=mql
each 2026-01-05 2026-04-13 x5 15:00 lead_stage_entered lead_id=W-{} stage=sql
each 2026-04-13 2026-05-23 x15 09:00 lead_created lead_id=W-{} source=webinar
each 2026-04-13 2026-05-23 x15 09:00 lead_stage_entered lead_id=W-{} stage=mql
each 2026-04-13 2026-05-23 x2 15:00 lead_stage_entered lead_id=W-{} stage=sql
read 2026-05-04 10:00
stands divergence kept=2 broken=1
alerts
  2026-04-21 09:00 firing ticket divergence source=webinar
# From the 4th of May on the others are forty instead of thirty, and eight of them go on. Without webinars the whole has no more
# than the forty that are set, but ten more than it had without them, which five days of 2.7 beyond the reference show: it speaks,
# and webinars give way.
each 2026-05-04 2026-05-23 x40 09:00 lead_created lead_id={} source=organic
each 2026-05-04 2026-05-23 x40 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-05-04 2026-05-23 x8 15:00 lead_stage_entered lead_id={} stage=sql
read 2026-05-15 10:00
alerts
  2026-05-11 09:00 firing ticket divergence all
  2026-05-11 09:00 resolved ticket divergence source=webinar
