# Thirty-two MQLs a working day are usual in the whole company, and that is set. Two of them are of webinars, of which one goes
# on. From Monday the 13th of April on eight a day come of webinars, and none of them goes on: in the whole company that is
# nothing yet. What is set is not the usual number of a part, which goes on learning its own. On Wednesday there are MQLs enough
# (two days of 5 beyond the reference; the threshold is 7.7), on Thursday enough of them are known to stay (11; of Monday eight).
set first_touch_slo = off
set dimensions = source
set divergence.baseline = 32 a day, 0.5 convert
set divergence.min_n = 30
set divergence.horizon_days = 1
set divergence.detect_days = 14
each 2026-01-05 2026-05-02 x30 09:00 lead_created lead_id={} source=organic
each 2026-01-05 2026-05-02 x30 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-05-02 x15 15:00 lead_stage_entered lead_id={} stage=sql
each 2026-01-05 2026-04-13 x2 09:00 lead_created lead_id=W-{} source=webinar
each 2026-01-05 2026-04-13 x2 09:00 lead_stage_entered lead_id=W-{} stage=mql
each 2026-01-05 2026-04-13 x1 15:00 lead_stage_entered lead_id=W-{} stage=sql
each 2026-04-13 2026-05-02 x8 09:00 lead_created lead_id=W-{} source=webinar
each 2026-04-13 2026-05-02 x8 09:00 lead_stage_entered lead_id=W-{} stage=mql
read 2026-01-20 10:00
stands divergence kept=1 learning=2
read 2026-04-13 10:00
stands divergence kept=3
alerts
read 2026-04-24 10:00
alerts
  2026-04-16 09:00 firing ticket divergence source=webinar
