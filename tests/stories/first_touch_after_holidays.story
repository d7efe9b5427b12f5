# Twelve MQLs come on each day from Monday to Friday, also on two Thursdays on which sales does not work, and are called within
# the hour, those of a holiday on the next day. On Thursday the 19th as many come as ever, and sales calls four of them. On
# two of the Thursdays before there was nothing to be done: as many are due as on the others, and it is sales' to mend.
set divergence = off
set dimensions = none
set holidays = 2026-03-05 2026-03-12
each 2026-02-02 2026-03-20 x12 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-02-02 2026-03-05 x12 09:30 lead_touched lead_id={} team=sales
each 2026-03-06 2026-03-07 x12 09:30 lead_touched lead_id={-1} team=sales
each 2026-03-06 2026-03-12 x12 09:30 lead_touched lead_id={} team=sales
each 2026-03-13 2026-03-14 x12 09:30 lead_touched lead_id={-1} team=sales
each 2026-03-13 2026-03-19 x12 09:30 lead_touched lead_id={} team=sales
each 2026-03-19 2026-03-20 x4 09:30 lead_touched lead_id={} team=sales
read 2026-03-19 13:20
alerts
  2026-03-19 13:15 firing page first_touch_slo all
owners
  sales
summaries
  8 of 24 MQLs got no human touch by sales within 4 business hours: 66.7 % kept, 95.0 % promised.
# The Thursdays of the 26th and the 19th of February count, and no others.
figure came
  24
figure came as usual
  24
figure due as usual
  24
figure human touches as usual
  12
