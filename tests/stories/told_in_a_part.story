# Of nine leads a day three are of the webinar, and from the third of March on nobody calls these. That is told of the
# webinar. By it alone the whole company breaks its promise as well, which is not told: without the webinar it keeps it.
# Nor is it told when the webinar is called again, and its alert has ended, while the windows of the whole still hold
# these days.
set first_touch_slo.target = 0.9
set first_touch_slo.gate = 0.01
set first_touch_slo.min_n = 3
each 2026-03-02 2026-03-10 x3 09:00 lead_created lead_id=w{} source=webinar
each 2026-03-02 2026-03-10 x3 09:00 lead_stage_entered lead_id=w{} stage=mql
each 2026-03-02 2026-03-10 x6 09:00 lead_created lead_id=a{} source=ads
each 2026-03-02 2026-03-10 x6 09:00 lead_stage_entered lead_id=a{} stage=mql
each 2026-03-02 2026-03-10 x6 09:02 lead_touched lead_id=a{} team=sales
each 2026-03-02 2026-03-03 x3 09:02 lead_touched lead_id=w{} team=sales
each 2026-03-06 2026-03-10 x3 09:02 lead_touched lead_id=w{} team=sales
each 2026-03-02 2026-03-10 x1 12:00 lead_touched lead_id=other{} team=sales
read 2026-03-09 17:00
alerts
  2026-03-03 14:10 firing page first_touch_slo source=webinar
  2026-03-03 17:00 resolved page first_touch_slo source=webinar
  2026-03-04 13:15 firing page first_touch_slo source=webinar
  2026-03-09 15:00 resolved page first_touch_slo source=webinar
summaries
  3 of 3 MQLs (source=webinar) got no human touch by sales within 4 business hours: 0.0 % kept, 90.0 % promised. Outside source=webinar 100.0 % are touched in time.
  Resolved: 0 of the last 3 MQLs (source=webinar) got a human touch by sales within 4 business hours: 0.0 % kept, 90.0 % promised.
  3 of 3 MQLs (source=webinar) got no human touch by sales within 4 business hours: 0.0 % kept, 90.0 % promised. Outside source=webinar 100.0 % are touched in time.
  Resolved: 3 of the last 3 MQLs (source=webinar) got a human touch by sales within 4 business hours: 100.0 % kept, 90.0 % promised.
