# From the 16th of March on fewer go on, and from the 30th on more come. It is said that these are two
# days only.
set source = crm
set no_data.min_n = 20
set first_touch_slo = off
each 2026-01-05 2026-04-20 x20 09:00 lead_created lead_id=web-{} source=webinar
each 2026-01-05 2026-04-20 x20 09:00 lead_stage_entered lead_id=web-{} stage=mql
each 2026-01-05 2026-03-16 x8 15:00 lead_stage_entered lead_id=web-{} stage=sql
each 2026-03-16 2026-04-20 x2 15:00 lead_stage_entered lead_id=web-{} stage=sql
each 2026-03-30 2026-04-20 x30 09:00 lead_created lead_id=cs-{} source=content_syndication
each 2026-03-30 2026-04-20 x30 09:00 lead_stage_entered lead_id=cs-{} stage=mql
read 2026-04-02 10:00
alerts
  2026-04-01 09:00 firing ticket divergence all
summaries
  MQLs went from 20 to 50 a business day (over 2 business days) while MQL→SQL within 7 days fell from 40.0 % to 10.0 %.
