# Marketing goes on holiday on the evening after a launch and comes back after two weeks, in which sales works: there is
# no opening of marketing while the launch is news to sales.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set launch_without_notice.enabled = true
set marketing_holidays = 2026-03-16,2026-03-17,2026-03-18,2026-03-19,2026-03-20,2026-03-23,2026-03-24,2026-03-25,2026-03-26,2026-03-27
2026-03-02 09:00 campaign_acknowledged campaign_id=known team=sales
2026-03-10 10:00 campaign_launched campaign_id=known team=marketing
2026-03-12 16:00 campaign_launched campaign_id=old team=marketing
2026-03-13 16:00 campaign_launched campaign_id=unknown team=marketing
read 2026-03-27 17:00
alerts
  2026-03-13 09:00 firing ticket launch_without_notice all · old
# It is told at the first opening after it, and is no news at the next; what was told before is over then.
read 2026-03-31 10:00
alerts
  2026-03-30 09:00 resolved ticket launch_without_notice all · old
  2026-03-30 09:00 firing ticket launch_without_notice all · unknown
  2026-03-31 09:00 resolved ticket launch_without_notice all · unknown
summaries
  The campaign old was launched without a word from sales that it knew; 40 business hours of notice were asked for.
  Resolved: the launch of old is no news any more, and sales never said that it knew.
  The campaign unknown was launched without a word from sales that it knew; 40 business hours of notice were asked for.
  Resolved: the launch of unknown is no news any more, and sales never said that it knew.
