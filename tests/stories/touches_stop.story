# Eight MQLs come each morning, and sales calls somebody in every hour, them as well.
set dimensions = none
set source = crm
set no_data.min_n = 20
set no_data.baseline = "7d"
set divergence = off
each 2026-03-02 2026-03-20 x8 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-02 2026-03-17 x8 10:00 lead_touched lead_id={} team=sales
each 2026-03-02 2026-03-17 x1 09:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 11:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 12:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 13:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 14:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 15:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 16:30 lead_touched lead_id=call-{} team=sales
read 2026-03-17 09:00
stands first_touch_slo kept=1
alerts
# beat first_touch_slo holds: on Tuesday no call is told of; the feed is doubted before noon, and sales is not paged at 13:15
read 2026-03-17 17:00
stands first_touch_slo holding=1
alerts
  2026-03-17 12:00 firing ticket no_data all · crm touches
summaries
  No record of touches has come from crm for 3.0 business hours; the longest silence of the last weeks was 0.0 hours.
