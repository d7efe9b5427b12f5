# Four MQLs come on each working day, and sales calls four a day. From Monday the 23rd on marketing hands over eight a day, and
# sales takes the oldest first, four a day as ever: on Tuesday it calls those that waited since Monday, and all of Tuesday's
# wait. Nobody works less than before: that is marketing's to mend.
set divergence = off
set dimensions = none
each 2026-02-02 2026-03-23 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-02-02 2026-03-24 x4 09:30 lead_touched lead_id={} team=sales
each 2026-03-23 2026-03-25 x8 09:00 lead_stage_entered lead_id={} stage=mql
2026-03-24 09:30 lead_touched lead_id=03-23/5 team=sales
2026-03-24 09:30 lead_touched lead_id=03-23/6 team=sales
2026-03-24 09:30 lead_touched lead_id=03-23/7 team=sales
2026-03-24 09:30 lead_touched lead_id=03-23/8 team=sales
read 2026-03-24 13:20
alerts
  2026-03-24 13:15 firing page first_touch_slo all
owners
  marketing
summaries
  12 of 16 MQLs got no human touch by sales within 4 business hours: 25.0 % kept, 95.0 % promised; 16 MQLs came, usually 8, and sales made about as many touches as ever.
