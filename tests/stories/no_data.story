# Touches come in most business hours. On Thursday the 2nd of April they stop.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
each 2026-03-02 2026-04-02 x2 09:30 lead_touched lead_id={} team=sales
each 2026-03-02 2026-04-02 x2 11:30 lead_touched lead_id={} team=sales
each 2026-03-02 2026-04-02 x2 13:30 lead_touched lead_id={} team=sales
each 2026-03-02 2026-04-02 x2 15:30 lead_touched lead_id={} team=sales
each 2026-03-02 2026-04-02 x2 15:45 lead_dispositioned lead_id={} verdict=accepted
read 2026-03-10 10:00
stands no_data learning=2
read 2026-04-02 09:00
stands no_data kept=2
alerts
read 2026-04-03 16:00
alerts
  2026-04-03 15:00 firing ticket no_data all · crm touches
summaries
  No touches have come from crm for 15.0 business hours; the longest silence of the last weeks was 1.0.
2026-04-03 16:30 lead_touched lead_id=a team=sales
read 2026-04-03 18:00
alerts
  2026-04-03 17:00 resolved ticket no_data all · crm touches
