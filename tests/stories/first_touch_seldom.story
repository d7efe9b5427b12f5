# Two hundred MQLs of one source come on each working day and are called within the hour. Webinars are held now and then: twelve
# of their MQLs came on the 3rd of March and were called, and on the 31st ten come of which nobody is called. So seldom nothing is
# usual, and sales is asked.
set divergence = off
set dimensions = source
each 2026-02-23 2026-04-01 x200 09:00 lead_created lead_id={} source=organic
each 2026-02-23 2026-04-01 x200 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-02-23 2026-04-01 x200 09:30 lead_touched lead_id={} team=sales
each 2026-02-25 2026-02-26 x1 09:00 lead_created lead_id=W-{} source=webinar
each 2026-02-25 2026-02-26 x1 09:00 lead_stage_entered lead_id=W-{} stage=mql
each 2026-03-03 2026-03-04 x12 09:00 lead_created lead_id=W-{} source=webinar
each 2026-03-03 2026-03-04 x12 09:00 lead_stage_entered lead_id=W-{} stage=mql
each 2026-03-03 2026-03-04 x12 09:30 lead_touched lead_id=W-{} team=sales
each 2026-03-31 2026-04-01 x10 09:00 lead_created lead_id=W-{} source=webinar
each 2026-03-31 2026-04-01 x10 09:00 lead_stage_entered lead_id=W-{} stage=mql
read 2026-03-31 13:20
alerts
  2026-03-31 13:15 firing page first_touch_slo source=webinar
owners
  sales
