# As in gives_way_untold the alert of the webinar gives way to the whole company, which breaks its promise as well, and must
# do so for four hours before it is told. But from 11:10 on it keeps it again, since twelve others were called in time. The
# webinar was not over: it is told of again when it has broken the promise by itself for four hours.
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
each 2026-03-02 2026-03-03 x12 15:05 lead_created lead_id=c{} source=ads
each 2026-03-02 2026-03-03 x12 15:05 lead_stage_entered lead_id=c{} stage=mql
each 2026-03-02 2026-03-03 x12 15:07 lead_touched lead_id=c{} team=sales
2026-03-02 12:00 lead_touched lead_id=other team=sales
2026-03-03 09:30 lead_touched lead_id=other team=sales
2026-03-03 11:30 lead_touched lead_id=other team=sales
2026-03-03 14:30 lead_touched lead_id=other team=sales
read 2026-03-03 16:59
alerts
  2026-03-03 09:05 firing ticket first_touch_slo source=webinar
  2026-03-03 11:05 resolved ticket first_touch_slo source=webinar
  2026-03-03 15:10 firing ticket first_touch_slo source=webinar
