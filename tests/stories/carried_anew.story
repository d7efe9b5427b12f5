# On a Tuesday nobody calls the three leads of the webinar; that is told of the webinar, and is over by the evening. Four
# weeks later nobody calls twenty of its leads at once: the whole company is told of, and that it lies in the webinar. That
# the webinar was told of once is no reason to leave this out.
set first_touch_slo.target = 0.9
set first_touch_slo.gate = 0.01
set first_touch_slo.min_n = 3
each 2026-03-02 2026-03-31 x3 09:00 lead_created lead_id=w{} source=webinar
each 2026-03-02 2026-03-31 x3 09:00 lead_stage_entered lead_id=w{} stage=mql
each 2026-03-02 2026-03-31 x6 09:00 lead_created lead_id=a{} source=ads
each 2026-03-02 2026-03-31 x6 09:00 lead_stage_entered lead_id=a{} stage=mql
each 2026-03-02 2026-03-31 x6 09:02 lead_touched lead_id=a{} team=sales
each 2026-03-02 2026-03-03 x3 09:02 lead_touched lead_id=w{} team=sales
each 2026-03-04 2026-03-31 x3 09:02 lead_touched lead_id=w{} team=sales
each 2026-03-30 2026-03-31 x20 09:00 lead_created lead_id=n{} source=webinar
each 2026-03-30 2026-03-31 x20 09:00 lead_stage_entered lead_id=n{} stage=mql
each 2026-03-02 2026-03-31 x1 12:00 lead_touched lead_id=other{} team=sales
read 2026-03-30 16:00
alerts
  2026-03-03 14:10 firing page first_touch_slo source=webinar
  2026-03-03 17:00 resolved page first_touch_slo source=webinar
  2026-03-30 13:15 firing page first_touch_slo all
summaries
  3 of 3 MQLs (source=webinar) got no human touch by sales within 4 business hours: 0.0 % kept, 90.0 % promised. Outside source=webinar 100.0 % are touched in time.
  Resolved: 0 of the last 3 MQLs (source=webinar) got a human touch by sales within 4 business hours: 0.0 % kept, 90.0 % promised.
  20 of 56 MQLs got no human touch by sales within 4 business hours: 64.3 % kept, 90.0 % promised; 56 MQLs came, usually 36, and sales made about as many touches as ever. It lies in source=webinar: without it 100.0 % are touched in time.
