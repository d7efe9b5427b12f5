# Twenty MQLs come from webinars on each working day and twenty from ads; of each sixteen become SQLs. Then twice as
# many come from webinars, as good as ever, and of those from ads only four go on. The volume rose in one source and the
# quality fell in the other: what counts is where MQLs come to nothing.
set source = crm
set first_touch_slo = off
each 2026-01-05 2026-04-10 x20 09:00 lead_created lead_id=web-{} source=webinar
each 2026-01-05 2026-04-10 x20 09:00 lead_stage_entered lead_id=web-{} stage=mql
each 2026-01-05 2026-04-10 x16 15:00 lead_stage_entered lead_id=web-{} stage=sql
each 2026-01-05 2026-04-10 x20 09:00 lead_created lead_id=ads-{} source=ads
each 2026-01-05 2026-04-10 x20 09:00 lead_stage_entered lead_id=ads-{} stage=mql
each 2026-01-05 2026-03-16 x16 15:00 lead_stage_entered lead_id=ads-{} stage=sql
each 2026-03-16 2026-04-10 x4 15:00 lead_stage_entered lead_id=ads-{} stage=sql
each 2026-03-16 2026-04-10 x20 10:00 lead_created lead_id=more-{} source=webinar
each 2026-03-16 2026-04-10 x20 10:00 lead_stage_entered lead_id=more-{} stage=mql
each 2026-03-16 2026-04-10 x16 15:00 lead_stage_entered lead_id=more-{} stage=sql
read 2026-04-03 10:00
alerts
  2026-03-25 09:00 firing ticket divergence all
summaries
  MQLs went from 40 to 60 a business day while MQL→SQL within 7 days fell from 80.0 % to 60.0 %. 75.0 % of the excess lies in source=ads.
