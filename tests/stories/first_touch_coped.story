# Four MQLs come on each working day, from Monday the 16th on twelve, and sales calls them all within the hour. On Tuesday the 24th
# as many come as the week before, and sales calls four of them. It is three times the usual number, and sales has coped with it
# for a week: it is sales' to mend.
set divergence = off
set dimensions = none
each 2026-02-02 2026-03-16 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-02-02 2026-03-16 x4 09:30 lead_touched lead_id={} team=sales
each 2026-03-16 2026-03-25 x12 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-16 2026-03-24 x12 09:30 lead_touched lead_id={} team=sales
each 2026-03-24 2026-03-25 x4 09:30 lead_touched lead_id={} team=sales
read 2026-03-24 13:20
alerts
  2026-03-24 13:15 firing page first_touch_slo all
owners
  sales
figure came
  24
figure came as usual
  8
figure came and was coped with
  24
