# A condition must hold for four hours here before it is told. The alert of the webinar gives way to the whole company
# as soon as that breaks its promise, and ends an hour later, before the whole has been told of: the message says no more
# than what is known by then.
set first_touch_slo.target = 0.5
set first_touch_slo.gate = 0.3
set first_touch_slo.min_n = 3
set first_touch_slo.for = 240
each 2026-03-02 2026-03-03 x3 09:00 lead_created lead_id=w{} source=webinar
each 2026-03-02 2026-03-03 x3 09:00 lead_stage_entered lead_id=w{} stage=mql
each 2026-03-02 2026-03-03 x6 09:00 lead_created lead_id=a{} source=ads
each 2026-03-02 2026-03-03 x6 09:00 lead_stage_entered lead_id=a{} stage=mql
each 2026-03-02 2026-03-03 x6 09:02 lead_touched lead_id=a{} team=sales
each 2026-03-02 2026-03-03 x12 14:00 lead_created lead_id=b{} source=ads
each 2026-03-02 2026-03-03 x12 14:00 lead_stage_entered lead_id=b{} stage=mql
2026-03-02 12:00 lead_touched lead_id=other team=sales
2026-03-02 15:00 lead_touched lead_id=other team=sales
2026-03-03 09:30 lead_touched lead_id=other team=sales
2026-03-03 11:30 lead_touched lead_id=other team=sales
read 2026-03-03 09:30
alerts
  2026-03-03 09:05 firing ticket first_touch_slo source=webinar
read 2026-03-03 13:30
alerts
  2026-03-03 11:05 resolved ticket first_touch_slo source=webinar
summaries
  3 of 3 MQLs (source=webinar) got no human touch by sales within 4 business hours: 0.0 % kept, 50.0 % promised. Outside source=webinar 100.0 % are touched in time.
  Resolved: it is not over in source=webinar, but all breaks the rule as well: if it stays so, one of the two will be told of.
read 2026-03-03 16:00
alerts
  2026-03-03 14:05 firing ticket first_touch_slo all
