# Touches come in every other business hour, verdicts once a day.
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
# beat no_data learning: so little has come that no silence is long
read 2026-03-10 10:00
stands no_data learning=2
alerts
# beat no_data quiet: a weekend is no silence, since nobody works
read 2026-03-30 09:00
stands no_data kept=2
alerts
# beat no_data fires: on Thursday the 2nd of April everything stops; of the two feeds the first speaks for both
read 2026-04-03 16:00
alerts
  2026-04-03 14:00 firing ticket no_data all · crm touches
summaries
  No record of touches has come from crm for 14.0 business hours; the longest silence of the last weeks was 1.0 hours.
# beat no_data clears: on Friday a touch comes
2026-04-03 16:30 lead_touched lead_id=a team=sales
read 2026-04-03 18:00
alerts
  2026-04-03 17:00 resolved ticket no_data all · crm touches
summaries
  Resolved: records of touches come from crm again.
# beat no_data fires: and no more; the longest silence is longer now, and so is the next one that is told
read 2026-04-10 10:00
alerts
  2026-04-07 16:00 firing ticket no_data all · crm touches
summaries
  No record of touches has come from crm for 15.0 business hours; the longest silence of the last weeks was 1.0 hours.
# beat no_data late: what was made in the silence arrives behind it: the feed is there again
2026-04-07 09:30 lead_touched lead_id=a team=sales
read 2026-04-10 12:00
alerts
  2026-04-10 11:00 resolved ticket no_data all · crm touches
summaries
  Resolved: records of touches come from crm again.
