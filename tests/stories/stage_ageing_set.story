# Four MQLs on each working day, of which three move on at once; that is learned, and 0.1 is set as the least that may stay. A
# company that is as ever is not told of, though more stay than is set.
set first_touch_slo = off
set divergence = off
set dimensions = none
set stage_ageing.baseline = "56d"
set stage_ageing.detect = "7d"
set stage_ageing.min_n = 50
set stage_ageing.alerts_per_month = 0.5
set stage_ageing.clear = 2
set stage_ageing.baseline_share = 0.1
each 2026-01-05 2026-05-02 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-04-06 x3 12:00 lead_stage_entered lead_id={} stage=sal
read 2026-03-06 10:00
stands stage_ageing learning=2
read 2026-04-06 10:00
stands stage_ageing kept=1 learning=1
alerts
# From Monday on only one of the four moves on. The threshold is 2.34, of which three that stay and one that moves bring 1.21.
each 2026-04-06 2026-05-02 x1 12:00 lead_stage_entered lead_id={} stage=sal
read 2026-04-20 10:00
alerts
  2026-04-09 09:00 firing ticket stage_ageing all · mql
# Another least that is less than what was learned changes nothing.
define stage_ageing.baseline_share = 0.2
read 2026-04-22 10:00
alerts
# Both agree that so many may stay from now on: it holds at once, for the alert as well.
define stage_ageing.baseline_share = 0.75
read 2026-04-24 10:00
stands stage_ageing kept=1 learning=1
alerts
  2026-04-23 09:00 resolved ticket stage_ageing all · mql
