# Eight MQLs come each morning, and sales calls somebody in every hour, them as well; marketing writes to somebody in
# every other hour.
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
each 2026-03-02 2026-03-20 x1 10:15 lead_touched lead_id=mail-{} team=marketing automated=true
each 2026-03-02 2026-03-20 x1 12:15 lead_touched lead_id=mail-{} team=marketing
each 2026-03-02 2026-03-20 x1 14:15 lead_touched lead_id=mail-{} team=sales automated=true
each 2026-03-02 2026-03-20 x1 16:15 lead_touched lead_id=mail-{} team=marketing
read 2026-03-17 09:00
stands first_touch_slo kept=1
stands no_data kept=3
alerts
# On Tuesday sales calls nobody. Nobody is paged for it, since nothing is known of its calls; that they have stopped is told.
read 2026-03-18 17:00
stands first_touch_slo holding=1
stands no_data kept=2 broken=1
alerts
  2026-03-17 12:00 firing ticket no_data all · crm sales_touches
summaries
  No record of human touches by sales has come from crm for 3.0 business hours; the longest silence of the last weeks was 0.0 hours.
# On Thursday it calls again: the alert is over. Whether it left those of two days alone, or only their calls were not
# recorded, nobody knows; that they had stopped was told, with whom to ask.
2026-03-19 09:30 lead_touched lead_id=call-again team=sales
read 2026-03-19 10:30
stands no_data kept=3
alerts
  2026-03-19 10:00 resolved ticket no_data all · crm sales_touches
