# Touches come every business hour, from `crm`, and verdicts three times a day. On Thursday the touches stop.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
each 2026-03-02 2026-04-02 x1 09:30 lead_touched lead_id={} team=sales
