# Of the leads of the webinar none is touched, and that is told of. An hour later most of all leads are not: the whole
# company is told of, and the webinar keeps quiet. When its hour of clearing is over its alert ends, and says that the
# webinar is no better.
set first_touch_slo.target = 0.5
set first_touch_slo.gate = 0.3
set first_touch_slo.min_n = 3
each 2026-03-02 2026-03-03 x3 09:00 lead_created lead_id=w{} source=webinar
each 2026-03-02 2026-03-03 x3 09:00 lead_stage_entered lead_id=w{} stage=mql
each 2026-03-02 2026-03-03 x6 09:00 lead_created lead_id=a{} source=ads
each 2026-03-02 2026-03-03 x6 09:00 lead_stage_entered lead_id=a{} stage=mql
each 2026-03-02 2026-03-03 x6 09:02 lead_touched lead_id=a{} team=sales
each 2026-03-02 2026-03-03 x12 10:00 lead_created lead_id=b{} source=ads
each 2026-03-02 2026-03-03 x12 10:00 lead_stage_entered lead_id=b{} stage=mql
2026-03-02 11:30 lead_touched lead_id=other team=sales
read 2026-03-02 13:45
alerts
  2026-03-02 13:15 firing ticket first_touch_slo source=webinar
read 2026-03-02 16:59
alerts
  2026-03-02 14:15 firing ticket first_touch_slo all
  2026-03-02 15:05 resolved ticket first_touch_slo source=webinar
summaries
  3 of 3 MQLs (source=webinar) got no human touch by sales within 4 business hours: 0.0 % kept, 50.0 % promised. Outside source=webinar 100.0 % are touched in time.
  15 of 21 MQLs got no human touch by sales within 4 business hours: 28.6 % kept, 50.0 % promised. 66.7 % of the excess lies in source=ads.
  Resolved: it is not over in source=webinar; from now on the alert of all tells of it.
