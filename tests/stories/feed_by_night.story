# A CRM that is read once a night: verdicts of the day come at 02:30, when nobody works.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
each 2026-03-02 2026-04-02 x2 02:30 lead_dispositioned lead_id={} verdict=accepted
read 2026-04-02 09:00
stands no_data kept=1
alerts
# From Thursday the 2nd on nothing comes.
read 2026-04-20 09:00
alerts
  2026-04-13 11:00 firing ticket no_data all · crm verdicts
