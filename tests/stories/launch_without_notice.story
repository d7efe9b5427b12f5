# Five business days of notice are asked for. Targets are told anew twice a day, so the feed of programs is heard.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 10
set launch_without_notice.enabled = true
each 2026-02-23 2026-03-21 x1 09:00 target_set team=marketing measure=mql from=2026-01-01 to=2027-01-01 value=1000
each 2026-02-23 2026-03-21 x1 14:00 target_set team=marketing measure=mql from=2026-01-01 to=2027-01-01 value=1000
# beat launch_without_notice learning: sales has never acknowledged a campaign; perhaps that is recorded nowhere
2026-03-02 10:00 campaign_launched campaign_id=early team=marketing
read 2026-03-03 10:00
stands launch_without_notice learning=1
alerts
# beat launch_without_notice quiet: sales has known of the first launch for a week
2026-03-04 09:00 campaign_acknowledged campaign_id=known team=sales
2026-03-11 10:00 campaign_launched campaign_id=known team=marketing
read 2026-03-12 10:00
stands launch_without_notice kept=1
alerts
# beat launch_without_notice fires: of the next it has known for two days, of the others it said nothing before
2026-03-10 10:00 campaign_acknowledged campaign_id=spring team=sales
2026-03-12 10:00 campaign_launched campaign_id=spring team=marketing
2026-03-13 10:00 campaign_launched campaign_id=unknown team=marketing
2026-03-13 10:00 campaign_launched campaign_id=told-late team=marketing
read 2026-03-16 10:00
stands launch_without_notice kept=1 broken=3
alerts
  2026-03-13 09:00 firing ticket launch_without_notice all · spring
  2026-03-16 09:00 firing ticket launch_without_notice all · told-late
  2026-03-16 09:00 firing ticket launch_without_notice all · unknown
summaries
  The campaign spring was launched 16 business hours after sales heard of it; 40 business hours of notice were asked for.
  The campaign told-late was launched without a word from sales that it knew; 40 business hours of notice were asked for.
  The campaign unknown was launched without a word from sales that it knew; 40 business hours of notice were asked for.
# beat launch_without_notice late: sales had acknowledged one of them in time, and that is told on Monday
2026-03-05 11:00 campaign_acknowledged campaign_id=told-late team=sales
read 2026-03-17 10:00
alerts
  2026-03-17 09:00 resolved ticket launch_without_notice all · told-late
summaries
  Resolved: it turns out that sales had heard of told-late in time.
# beat launch_without_notice clears: sales acknowledges the other; spring is no news after five business days
2026-03-17 11:00 campaign_acknowledged campaign_id=unknown team=sales
read 2026-03-20 10:00
alerts
  2026-03-18 09:00 resolved ticket launch_without_notice all · unknown
  2026-03-20 09:00 resolved ticket launch_without_notice all · spring
summaries
  Resolved: sales knows of unknown by now.
  Resolved: the launch of spring is no news any more; sales had heard of it late.
advice
  Nothing is left to do here. Tell each other what helped, so that it lasts.
  Nothing is mended: it was too late for this launch. Agree on how sales hears of the next one in time, and who says so.
# beat launch_without_notice holds: one more is launched, and then nothing is heard of programs: what sales knows by now is not known
2026-03-20 11:00 campaign_launched campaign_id=summer team=marketing
read 2026-03-23 10:00
alerts
  2026-03-23 09:00 firing ticket launch_without_notice all · summer
read 2026-04-01 10:00
stands launch_without_notice holding=1
alerts
  2026-03-26 11:00 firing ticket no_data all · crm programs
