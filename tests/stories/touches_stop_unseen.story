# Eight MQLs come each morning and are called at 10:00; in half of the other hours sales calls somebody else.
set dimensions = none
set source = crm
set no_data.min_n = 20
set no_data.baseline = "7d"
set divergence = off
each 2026-03-02 2026-03-20 x8 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-02 2026-03-17 x8 10:00 lead_touched lead_id={} team=sales
each 2026-03-02 2026-03-17 x1 09:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 13:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 15:30 lead_touched lead_id=call-{} team=sales
read 2026-03-17 09:00
stands first_touch_slo kept=1
alerts
# On Tuesday no call is told of. At 13:15 eight leads are overdue, but nobody else was called either: nobody is paged.
read 2026-03-17 17:00
stands first_touch_slo holding=1
alerts
read 2026-03-19 17:00
alerts
  2026-03-18 14:00 firing ticket no_data all · crm touches
