# Ten MQLs of ads and ten of webinars come each morning, and are called within two hours.
set divergence = off
each 2026-02-09 2026-03-17 x10 09:00 lead_created lead_id=ad-{} source=ads
each 2026-02-09 2026-03-17 x10 09:00 lead_stage_entered lead_id=ad-{} stage=mql
each 2026-02-09 2026-03-17 x10 09:05 lead_assigned lead_id=ad-{} owner_id=rep-1
each 2026-02-09 2026-03-17 x10 09:00 lead_created lead_id=web-{} source=webinar
each 2026-02-09 2026-03-17 x10 09:00 lead_stage_entered lead_id=web-{} stage=mql
each 2026-02-09 2026-03-17 x10 09:05 lead_assigned lead_id=web-{} owner_id=rep-2
each 2026-02-09 2026-03-12 x10 10:00 lead_touched lead_id=ad-{} team=sales
each 2026-02-09 2026-03-16 x10 11:00 lead_touched lead_id=web-{} team=sales
# beat first_touch_slo learning: in the first hours nothing is known of the webinar's
read 2026-02-09 10:30
stands first_touch_slo kept=2 learning=1
alerts
# beat first_touch_slo quiet: on Thursday three of twenty are not called in time: a team that keeps its promise has such days
each 2026-03-12 2026-03-13 x7 10:00 lead_touched lead_id=ad-{} team=sales
each 2026-03-13 2026-03-17 x10 10:00 lead_touched lead_id=ad-{} team=sales
read 2026-03-12 17:00
stands first_touch_slo kept=3
alerts
# beat first_touch_slo fires: on Monday nobody calls those of the webinar; at 13:00 their time is over
read 2026-03-16 16:00
alerts
  2026-03-16 13:15 firing page first_touch_slo all
summaries
  10 of 20 MQLs got no human touch by sales within 4 business hours: 50.0 % kept, 95.0 % promised. It lies in source=webinar: without it 100.0 % are touched in time.
# beat first_touch_slo late: they had been called, and the calls arrive at 16:00; an hour of work later it is over
each 2026-03-16 2026-03-17 x10 11:00 lead_touched lead_id=web-{} team=sales
read 2026-03-17 12:00
alerts
  2026-03-17 09:05 resolved page first_touch_slo all
summaries
  Resolved: 20 of the last 20 MQLs got a human touch by sales within 4 business hours: 100.0 % kept, 95.0 % promised.
