# As long as sales never acknowledged a campaign nothing is said. The first launch that it knew of for a week is fine; the
# second it hears of two days before, the third never. That of the second is no news after five business days; the third
# is over as soon as sales acknowledges it. What was acknowledged in time and told late mends the past.
set first_touch_slo = off
set divergence = off
set dimensions = none
set launch_without_notice.enabled = true
2026-03-02 10:00 campaign_launched campaign_id=early team=marketing
read 2026-03-03 10:00
stands launch_without_notice learning=1
alerts
2026-03-04 09:00 campaign_acknowledged campaign_id=known team=sales
2026-03-11 10:00 campaign_launched campaign_id=known team=marketing
2026-03-10 10:00 campaign_acknowledged campaign_id=short team=sales
2026-03-12 10:00 campaign_launched campaign_id=short team=marketing
2026-03-13 10:00 campaign_launched campaign_id=unknown team=marketing
2026-03-13 10:00 campaign_launched campaign_id=told-late team=marketing
read 2026-03-16 10:00
stands launch_without_notice kept=1 broken=3
alerts
  2026-03-13 09:00 firing ticket launch_without_notice all · short
  2026-03-16 09:00 firing ticket launch_without_notice all · told-late
  2026-03-16 09:00 firing ticket launch_without_notice all · unknown
summaries
  The campaign short was launched 16 business hours after sales heard of it; 40 business hours of notice were asked for.
  The campaign told-late was launched without a word from sales that it knew; 40 business hours of notice were asked for.
  The campaign unknown was launched without a word from sales that it knew; 40 business hours of notice were asked for.
2026-03-16 11:00 campaign_acknowledged campaign_id=unknown team=sales
2026-03-05 11:00 campaign_acknowledged campaign_id=told-late team=sales
read 2026-03-20 10:00
alerts
  2026-03-17 09:00 resolved ticket launch_without_notice all · told-late
  2026-03-17 09:00 resolved ticket launch_without_notice all · unknown
  2026-03-20 09:00 resolved ticket launch_without_notice all · short
