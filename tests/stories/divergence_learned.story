# Twenty MQLs come from webinars on each working day, and eight of them become SQLs.
set source = crm
set no_data.min_n = 20
set first_touch_slo = off
each 2026-01-05 2026-04-10 x20 09:00 lead_created lead_id=web-{} source=webinar
each 2026-01-05 2026-04-10 x20 09:00 lead_stage_entered lead_id=web-{} stage=mql
each 2026-01-05 2026-04-10 x8 15:00 lead_stage_entered lead_id=web-{} stage=sql
# beat divergence learning: four weeks before the watched three are not there yet
read 2026-02-20 10:00
stands divergence learning=2
alerts
# beat divergence quiet: for a week ten more come a day, as good as the others: that is a success
each 2026-02-23 2026-02-28 x10 09:00 lead_created lead_id=fair-{} source=fair
each 2026-02-23 2026-02-28 x10 09:00 lead_stage_entered lead_id=fair-{} stage=mql
each 2026-02-23 2026-02-28 x4 15:00 lead_stage_entered lead_id=fair-{} stage=sql
read 2026-03-13 10:00
stands divergence kept=2 learning=1
alerts
# beat divergence fires: bought leads come, twenty-five a day, and two of them become SQLs
each 2026-03-16 2026-04-10 x25 09:00 lead_created lead_id=cs-{} source=content_syndication
each 2026-03-16 2026-04-10 x25 09:00 lead_stage_entered lead_id=cs-{} stage=mql
each 2026-03-16 2026-04-10 x2 15:00 lead_stage_entered lead_id=cs-{} stage=sql
read 2026-04-02 10:00
alerts
  2026-03-26 09:00 firing ticket divergence all
summaries
  MQLs went from 22 to 45 a business day while MQL→SQL within 7 days fell from 40.0 % to 22.2 %. It lies in source=content_syndication: without it 36 MQLs came to nothing (usual: 40).
# beat divergence late: it turns out that ten a day had become SQLs in time
each 2026-03-16 2026-04-02 x10 15:00 lead_stage_entered lead_id=cs-{} stage=sql
read 2026-04-10 10:00
alerts
  2026-04-03 09:00 resolved ticket divergence all
summaries
  Resolved: lately 45 MQLs a business day, and 40.0 % of the last 225 that are old enough to judge went MQL→SQL within 7 days.
# beat divergence holds: from the 10th of April on no leads arrive, and nobody knows how many there are
read 2026-04-24 10:00
stands divergence learning=2 holding=2
alerts
  2026-04-15 14:00 firing ticket no_data all · crm leads
