# Five MQLs of ads and fifteen of webinars come each morning, and are called within two hours.
set divergence = off
each 2026-02-09 2026-03-17 x5 09:00 lead_created lead_id=ad-{} source=ads
each 2026-02-09 2026-03-17 x5 09:00 lead_stage_entered lead_id=ad-{} stage=mql
each 2026-02-09 2026-03-17 x5 09:05 lead_assigned lead_id=ad-{} owner_id=rep-1
each 2026-02-09 2026-03-17 x15 09:00 lead_created lead_id=web-{} source=webinar
each 2026-02-09 2026-03-17 x15 09:00 lead_stage_entered lead_id=web-{} stage=mql
each 2026-02-09 2026-03-17 x15 09:05 lead_assigned lead_id=web-{} owner_id=rep-2
each 2026-02-09 2026-03-17 x5 10:00 lead_touched lead_id=ad-{} team=sales
each 2026-02-09 2026-03-12 x15 11:00 lead_touched lead_id=web-{} team=sales
# beat first_touch_slo learning: most have been called, but until 13:00 nobody's time is over
read 2026-02-09 13:00
stands first_touch_slo learning=3
alerts
# At 13:05 all of them count, at once.
read 2026-02-09 13:06
stands first_touch_slo kept=3
# beat first_touch_slo quiet: on Thursday three of twenty are not called in time: a team that keeps its promise has such days
each 2026-03-12 2026-03-13 x12 11:00 lead_touched lead_id=web-{} team=sales
each 2026-03-13 2026-03-16 x15 11:00 lead_touched lead_id=web-{} team=sales
read 2026-03-12 17:00
stands first_touch_slo kept=3
alerts
# beat first_touch_slo fires: on Monday nobody calls those of the webinar; at 13:00 their time is over, and the window of a day
# begins with the outcomes of Friday 13:00
read 2026-03-16 16:00
alerts
  2026-03-16 13:15 firing page first_touch_slo all
summaries
  15 of 40 MQLs got no human touch by sales within 4 business hours: 62.5 % kept, 95.0 % promised. It lies in source=webinar: without it 100.0 % are touched in time.
# beat first_touch_slo late: they had been called, and the calls arrive at 16:00; an hour of work later it is over
each 2026-03-16 2026-03-17 x15 11:00 lead_touched lead_id=web-{} team=sales
read 2026-03-17 12:00
alerts
  2026-03-17 09:05 resolved page first_touch_slo all
summaries
  Resolved: 20 of the last 20 MQLs got a human touch by sales within 4 business hours: 100.0 % kept, 95.0 % promised.
