# Five verdicts come on each working day, all at 10:00, for fifteen weeks; then none.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
each 2026-01-05 2026-04-17 x5 10:00 lead_dispositioned lead_id={} verdict=accepted
read 2026-04-17 09:00
stands no_data kept=1
alerts
# The silence itself is not what is usual: the limit does not run away from it.
read 2026-05-20 09:00
alerts
  2026-04-28 13:00 firing ticket no_data all · crm verdicts
