# Eight MQLs come at 09:00 and are called at 10:00; sales calls somebody else in every other hour. Definitions change
# while no calls are told of: the alert that lives goes on, and the rule that rests on the feed holds from one to the next.
set dimensions = none
set source = crm
set no_data.min_n = 20
set no_data.baseline = "7d"
set divergence = off
each 2026-03-02 2026-04-01 x8 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-02 2026-03-17 x8 10:00 lead_touched lead_id={} team=sales
each 2026-03-02 2026-03-18 x1 09:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 11:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 12:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 13:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 14:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 15:30 lead_touched lead_id=call-{} team=sales
each 2026-03-02 2026-03-17 x1 16:30 lead_touched lead_id=call-{} team=sales
read 2026-03-17 13:01
alerts
  2026-03-17 13:00 firing ticket no_data all · crm touches
summaries
  No record of touches has come from crm for 3.0 business hours; the longest silence of the last weeks was 0.0 hours.
# The eight of Tuesday are overdue since 13:00, and the next look at the feeds comes at 14:00.
define windows_every_minutes = 30
read 2026-03-17 13:30
stands first_touch_slo holding=1
alerts
read 2026-03-18 09:20
stands no_data kept=1 broken=1
alerts
# On Wednesday a call comes: the alert is over, and nobody is held to what was not told meanwhile, whichever definitions
# hold.
2026-03-18 09:30 lead_touched lead_id=call-again team=sales
read 2026-03-18 10:30
alerts
  2026-03-18 10:00 resolved ticket no_data all · crm touches
define first_touch_slo = off
read 2026-03-18 11:00
alerts
summaries
  Resolved: records of touches come from crm again.
# Calls come until Monday evening, and definitions change when there have been none for nine hours. That is told of
# when it is half as long again as the seven hours of the silence before, counted from the last call.
each 2026-03-18 2026-03-24 x1 11:30 lead_touched lead_id=call-{} team=sales
each 2026-03-18 2026-03-24 x1 12:30 lead_touched lead_id=call-{} team=sales
each 2026-03-18 2026-03-24 x1 13:30 lead_touched lead_id=call-{} team=sales
each 2026-03-18 2026-03-24 x1 14:30 lead_touched lead_id=call-{} team=sales
each 2026-03-18 2026-03-24 x1 15:30 lead_touched lead_id=call-{} team=sales
each 2026-03-18 2026-03-24 x1 16:30 lead_touched lead_id=call-{} team=sales
read 2026-03-25 10:30
stands no_data kept=2
define windows_every_minutes = 60
read 2026-03-25 11:30
alerts
read 2026-03-26 09:30
alerts
  2026-03-25 12:00 firing ticket no_data all · crm touches
summaries
  No record of touches has come from crm for 11.0 business hours; the longest silence of the last weeks was 7.0 hours.
2026-03-26 09:45 lead_touched lead_id=call-again team=sales
read 2026-03-26 12:00
alerts
  2026-03-26 10:00 resolved ticket no_data all · crm touches
